;; Tries: tail calls without end, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (func $f (param i32) (return_call $f (i32.add (local.get 0) (i32.const 1)))) (func (export "_start") (call $f (i32.const 0))))
