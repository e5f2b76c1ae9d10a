;; Tries: thirty bodies of which each takes the compiler a second
;; Ends: exit 0
;; Within: 60s 350m
(module %{30 (func (local i32) %{5000 local.get 0 if nop else nop end }%) }% (func (export "_start")))
