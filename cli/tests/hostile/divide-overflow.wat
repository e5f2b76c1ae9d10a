;; Tries: the one division that overflows
;; Ends: trap integer overflow
(module (func $d (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1))) (func (export "_start") (drop (call $d (i64.const 0x8000000000000000) (i64.const -1)))))
