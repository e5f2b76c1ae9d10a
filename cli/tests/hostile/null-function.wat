;; Tries: an operator that takes a reference (function) gets a null
;; Ends: trap null function reference
(module (type $t (func)) (func (export "_start") (call_ref $t (ref.null $t))))
