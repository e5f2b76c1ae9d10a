;; Tries: an element far inside of a null array
;; Ends: trap null array reference
(module (type $t (array (mut i64))) (func $f (param (ref null $t) i32) (array.set $t (local.get 0) (local.get 1) (i64.const 1))) (func (export "_start") (call $f (ref.null $t) (i32.const 0x1fffffff))))
