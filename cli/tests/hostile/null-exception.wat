;; Tries: an operator that takes a reference (exception) gets a null
;; Ends: trap null exception reference
(module  (func (export "_start") (throw_ref (ref.null exn))))
