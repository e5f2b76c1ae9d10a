;; Tries: memory.copy between memories of 32 and 64 bits with lengths that wrap
;; Ends: trap out of bounds memory access
(module (memory $a i64 1) (memory $b i64 1) (func (export "_start") (memory.copy $a $b (i64.const -8) (i64.const 0) (i64.const 16))))
