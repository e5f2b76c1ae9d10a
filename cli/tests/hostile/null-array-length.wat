;; Tries: an operator that takes a reference (array-length) gets a null
;; Ends: trap null array reference
(module  (func (export "_start") (drop (array.len (ref.null array)))))
