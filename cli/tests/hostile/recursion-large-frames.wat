;; Tries: recursion of a function with 20,000 locals that stay alive
;; Ends: trap call stack exhausted
(module (func $f (param i64) (result i64) (local %{20000 i64 }%) %{2000 (local.set %n (i64.add (local.get 0) (i64.const %n))) }% (call $f (local.get 0)) %{2000 (i64.xor (local.get %n)) }%) (func (export "_start") (drop (call $f (i64.const 1)))))
