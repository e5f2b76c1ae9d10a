;; Tries: array.fill and array.copy of a large array in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $a (array (mut i64))) (func (export "_start") (local (ref null $a)) (local.set 0 (array.new_default $a (i32.const 1000000))) (loop $l (array.fill $a (local.get 0) (i32.const 0) (i64.const 1) (i32.const 1000000)) (array.copy $a $a (local.get 0) (i32.const 1) (local.get 0) (i32.const 0) (i32.const 999999)) (br $l))))
