;; Tries: a 64-bit memory with an offset of 2^63 and an address of 2^63
;; Ends: trap out of bounds memory access
(module (memory i64 1) (func (export "_start") (drop (i32.load offset=0x8000000000000000 (i64.const 0x8000000000000000)))))
