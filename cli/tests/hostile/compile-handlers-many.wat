;; Tries: many blocks with ten thousand handlers each
;; Ends: exit 0
;; Within: 60s 400m
(module (tag $t)
  (func (export "_start") (block $out %{20 (try_table %{10000 (catch $t $out) }%) }%)))
