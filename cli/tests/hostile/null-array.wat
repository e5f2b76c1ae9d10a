;; Tries: an operator that takes a reference (array) gets a null
;; Ends: trap null array reference
(module (type $t (array (mut i32))) (func (export "_start") (drop (array.get $t (ref.null $t) (i32.const 0)))))
