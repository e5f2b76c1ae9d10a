;; Tries: 50,000 imports that become functions which trap
;; Ends: exit 0
;; With: -W unknown-imports-trap
;; Within: 20s 400m
(module %{50000 (import "nobody" "name-%n" (func)) }% (func (export "_start")))
