;; Tries: many calls that each give a thousand values
;; Ends: error module too large
;; Within: 60s 400m
(module (type $t (func (result %{1000 i64 }%))) (func $f (type $t) %{1000 (i64.const 0) }%) (func (export "_start") %{5000 call $f %{1000 drop }% }%) (func %{5000 call $f unreachable }%))
