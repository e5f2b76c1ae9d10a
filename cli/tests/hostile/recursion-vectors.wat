;; Tries: recursion of a function with 1,000 vectors that are alive across the call
;; Ends: trap call stack exhausted
(module (func $f (param v128) (result v128) (local %{1000 v128 }%) %{1000 (local.set %n (i64x2.add (local.get 0) (v128.const i64x2 %n 1))) }% (call $f (local.get 0)) %{1000 (v128.xor (local.get %n)) }%) (func (export "_start") (drop (call $f (v128.const i64x2 1 2)))))
