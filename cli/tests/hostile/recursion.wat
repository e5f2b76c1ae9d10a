;; Tries: recursion without end
;; Ends: trap call stack exhausted
(module (func $f (call $f)) (func (export "_start") (call $f)))
