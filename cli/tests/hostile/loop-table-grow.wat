;; Tries: table.grow until it is refused, and on
;; Ends: trap wasm trap: interrupt
(module (table 0 externref) (func (export "_start") (loop $l (drop (table.grow (ref.null extern) (i32.const 1))) (br $l))))
