;; Tries: tail calls of a reference, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $t (func (param i32))) (elem declare func $f) (func $f (type $t) (return_call_ref $t (local.get 0) (ref.func $f))) (func (export "_start") (call $f (i32.const 0))))
