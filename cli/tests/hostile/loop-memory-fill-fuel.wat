;; Tries: memory.fill of all memory in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (memory 1000) (func (export "_start") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000)) (br $l))))
