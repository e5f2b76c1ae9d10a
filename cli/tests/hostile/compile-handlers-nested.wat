;; Tries: ten thousand handlers around each other, with a call in each
;; Ends: exit 0
;; Within: 60s 400m
(module (tag $t) (func $f)
  (func (export "_start") (block $out %{10000 (try_table (catch $t $out) (call $f) }% %{10000 ) }%)))
