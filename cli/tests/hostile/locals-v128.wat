;; Tries: 50,000 vectors as locals, each of which is written
;; Ends: trap
;; Within: 60s 600m
(module (func $f (param v128) (local %{49000 v128 }%) %{49000 (local.set %n (local.get 0)) }% (call $f (local.get 48999))) (func (export "_start") (call $f (v128.const i64x2 1 2))))
