;; Tries: 50,000 calls with 20 arguments
;; Ends: exit 0
;; Within: 60s 1500m
(module (func $g (param %{20 i64 }%)) (func $f (param i64) %{20000 (call $g %{20 (local.get 0) }%) }%) (func (export "_start") (call $f (i64.const 1))))
