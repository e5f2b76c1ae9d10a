;; Tries: 60,000 operands at once
;; Ends: exit 0
;; Within: 60s 400m
(module (func (export "_start") %{60000 i64.const %n }% %{60000 drop }%))
