;; Tries: tail calls through a table
;; Ends: trap wasm trap: interrupt
(module (type $t (func (param i32))) (table funcref (elem $f)) (func $f (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 0))) (func (export "_start") (call $f (i32.const 0))))
