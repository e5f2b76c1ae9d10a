;; Tries: a thousand handlers around tens of thousands of calls
;; Ends: exit 0
;; Within: 60s 400m
(module (tag $t) (func $f)
  (func (export "_start") (block $out (try_table %{1000 (catch $t $out) }% %{30000 (call $f) }%))))
