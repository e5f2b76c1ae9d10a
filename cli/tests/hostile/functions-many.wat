;; Tries: 100,000 functions
;; Ends: exit 0
;; Within: 60s 500m
(module %{100000 (func) }% (func (export "_start")))
