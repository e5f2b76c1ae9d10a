;; Tries: recursion with 1,000 parameters and results
;; Ends: trap call stack exhausted
(module (type $t (func (param %{1000 i64 }%) (result %{1000 i64 }%))) (func $f (type $t) (call $f %{1000 (local.get %n) }%) (nop)) (func (export "_start") (call $f %{1000 (i64.const %n) }%) %{1000 (drop) }%))
