;; Tries: 3,000 locals that are alive across 300 calls
;; Ends: exit 0
;; Within: 60s 800m
(module (func $g) (func $f (local %{3000 i64 }%) %{3000 (local.set %n (i64.const %n)) }% %{300 call $g }% %{3000 (drop (local.get %n)) }%) (func (export "_start") (call $f)))
