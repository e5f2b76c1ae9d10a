;; Tries: chains of conditions on values that are alive all the time
;; Ends: exit 0
;; Within: 60s 1500m
(module (func $f (param i64) (result i64) (local %{200 i64 }%) %{100 %{200 (local.set %n (select (local.get 0) (local.get %n) (i64.eqz (local.get %n)))) }% }% (local.get 7)) (func (export "_start") (drop (call $f (i64.const 1)))))
