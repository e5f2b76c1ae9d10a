;; Tries: recursion through a table
;; Ends: trap call stack exhausted
(module (type $t (func)) (table funcref (elem $f)) (func $f (call_indirect (type $t) (i32.const 0)) (nop)) (func (export "_start") (call $f)))
