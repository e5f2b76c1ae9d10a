;; Tries: array.copy whose end wraps
;; Ends: trap out of bounds array access
(module (type $a (array (mut i8))) (func (export "_start") (local (ref null $a)) (local.set 0 (array.new_default $a (i32.const 10))) (array.copy $a $a (local.get 0) (i32.const 5) (local.get 0) (i32.const 0) (i32.const -1))))
