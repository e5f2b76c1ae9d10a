;; Tries: 100,000 imports of what there is not
;; Ends: error unknown import
;; Within: 20s 400m
(module %{100000 (import "a-module-that-nobody-has-ever-heard-of" "a-name-that-is-long-%n" (func)) }% (func (export "_start")))
