;; Tries: one recursion group of 50,000 types that refer to each other
;; Ends: exit 0
;; Within: 20s 300m
(module (rec %{50000 (type (struct (field (ref null 49999) (ref null %n)))) }%) (func (export "_start")))
