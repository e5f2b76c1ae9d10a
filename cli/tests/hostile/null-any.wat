;; Tries: an operator that takes a reference (any) gets a null
;; Ends: trap null reference
(module  (func (export "_start") (drop (ref.as_non_null (ref.null any)))))
