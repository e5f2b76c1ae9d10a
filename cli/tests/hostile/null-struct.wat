;; Tries: an operator that takes a reference (struct) gets a null
;; Ends: trap null structure reference
(module (type $t (struct (field (mut i32)))) (func (export "_start") (drop (struct.get $t 0 (ref.null $t)))))
