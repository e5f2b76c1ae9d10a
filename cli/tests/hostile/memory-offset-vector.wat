;; Tries: a vector stored at the largest address with the largest offset
;; Ends: trap out of bounds memory access
(module (memory 1) (func (export "_start") (v128.store offset=0xffffffff (i32.const -1) (v128.const i64x2 1 2))))
