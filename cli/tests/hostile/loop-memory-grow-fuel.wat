;; Tries: memory.grow until it is refused, and on, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (memory 0) (func (export "_start") (loop $l (drop (memory.grow (i32.const 1))) (br $l))))
