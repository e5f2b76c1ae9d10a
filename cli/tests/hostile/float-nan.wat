;; Tries: NaN to an integer
;; Ends: trap invalid conversion to integer
(module (func (export "_start") (drop (i64.trunc_f64_u (f64.const nan:0x4000000000000)))))
