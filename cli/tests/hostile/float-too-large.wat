;; Tries: the first float that is too large for an integer
;; Ends: trap integer overflow
(module (func $t (param f64) (result i64) (i64.trunc_f64_s (local.get 0))) (func (export "_start") (drop (call $t (f64.const -0x1p63))) (drop (call $t (f64.const 0x1p63)))))
