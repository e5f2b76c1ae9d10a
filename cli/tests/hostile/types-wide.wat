;; Tries: a hundred structures of ten thousand fields
;; Ends: exit 0
;; Within: 20s 300m
(module %{100 (type (struct %{9999 (field (mut i32)) }%)) }% (func (export "_start")))
