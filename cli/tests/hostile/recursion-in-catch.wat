;; Tries: recursion out of handlers: each exception is caught below the next call
;; Ends: trap call stack exhausted
(module (tag $t) (func $f (block $h (try_table (catch_all $h) (throw $t))) (call $f) (nop)) (func (export "_start") (call $f)))
