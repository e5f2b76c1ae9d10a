;; Tries: ifs with both arms nested 20,000 deep
;; Ends: exit 0
;; Within: 60s 400m
(module (func (export "_start") (local i32) %{20000 local.get 0 if }% nop %{20000 else nop end }%))
