;; Tries: 100,000 custom sections
;; Ends: exit 0
;; Within: 20s 300m
(module %{100000 (@custom "c" "") }% (func (export "_start")))
