;; Tries: a br_table with 900,000 targets
;; Ends: exit 0
;; Within: 60s 400m
(module (func (export "_start") (local i32) (block $a (block $b (br_table %{450000 $a $b }% $a (local.get 0))))))
