;; Tries: table.fill and table.copy of a whole table in a loop
;; Ends: trap wasm trap: interrupt
(module (table 100000 funcref) (func (export "_start") (loop $l (table.fill (i32.const 0) (ref.null func) (i32.const 100000)) (table.copy (i32.const 1) (i32.const 0) (i32.const 99999)) (br $l))))
