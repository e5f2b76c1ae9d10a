;; Tries: calls through a table in a loop
;; Ends: trap wasm trap: interrupt
(module (type $t (func)) (table funcref (elem $f)) (func $f) (func (export "_start") (loop $l (call_indirect (type $t) (i32.const 0)) (br $l))))
