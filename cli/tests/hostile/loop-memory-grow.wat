;; Tries: memory.grow until it is refused, and on
;; Ends: trap wasm trap: interrupt
(module (memory 0) (func (export "_start") (loop $l (drop (memory.grow (i32.const 1))) (br $l))))
