;; Tries: a division by zero
;; Ends: trap integer divide by zero
(module (func $d (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1))) (func (export "_start") (drop (call $d (i64.const 1) (i64.const 0)))))
