;; Tries: tail calls through a table, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $t (func (param i32))) (table funcref (elem $f)) (func $f (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 0))) (func (export "_start") (call $f (i32.const 0))))
