;; Tries: an operator that takes a reference (i31) gets a null
;; Ends: trap null i31 reference
(module  (func (export "_start") (drop (i31.get_s (ref.null i31)))))
