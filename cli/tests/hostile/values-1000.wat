;; Tries: a block with a thousand parameters and results, in a loop
;; Ends: trap wasm trap: interrupt
;; Within: 60s 300m
(module (type $t (func (param %{1000 i64 }%) (result %{1000 i64 }%))) (func (export "_start") %{1000 (i64.const %n) }% (loop $l (type $t) (br $l)) %{1000 drop }%))
