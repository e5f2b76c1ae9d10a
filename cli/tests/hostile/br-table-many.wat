;; Tries: a thousand tables of a thousand targets
;; Ends: exit 0
;; Within: 60s 600m
(module (func (export "_start") (local i32) %{1000 block block local.get 0 br_table %{1000 0 1 }% 0 end end }%))
