;; Tries: recursion in the start function
;; Ends: trap call stack exhausted
(module (func $f (call $f) (nop)) (start $f))
