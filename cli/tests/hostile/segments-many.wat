;; Tries: 65,000 data segments of one byte
;; Ends: exit 0
;; Within: 20s 300m
(module (memory 1) %{65000 (data (i32.const %n) "a") }% (func (export "_start")))
