;; Tries: 50,000 locals
;; Ends: exit 0
(module (func (export "_start") (local %{50000 i64 }%) (local.set 49999 (i64.const 1))))
