;; Tries: operands that are 30,000 locals, which are then set one by one
;; Ends: prints
;; Within: 10s 120m
(module (func (export "_start") (local %{30000 i32 }%)
  %{30000 local.get %n }% %{30000 (local.set %n (i32.const 1)) }% %{30000 drop }%))
