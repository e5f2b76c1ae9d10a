;; Tries: a 64-bit memory read at its address -1, with offsets 0, 1 and 2^64-1
;; Ends: trap out of bounds memory access
(module (memory i64 1) (func (export "_start") (drop (i32.load8_u offset=0xffffffffffffffff (i64.const 1)))))
