;; Tries: memory.copy of half the memory over itself in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (memory 1000) (func (export "_start") (loop $l (memory.copy (i32.const 1) (i32.const 0) (i32.const 65000000)) (br $l))))
