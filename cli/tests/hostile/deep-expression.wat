;; Tries: a sum of 100,000 numbers that cannot be folded
;; Ends: exit 0
;; Within: 60s 600m
(module (func $f (param i32) (result i32) local.get 0 %{100000 local.get 0 i32.rotl i32.clz }%) (func (export "_start") (drop (call $f (i32.const 3)))))
