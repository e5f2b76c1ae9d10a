;; Tries: a 64-bit memory read at addresses of 4 GiB and 8 GiB, where guards of other memories might lie
;; Ends: trap out of bounds memory access
(module (memory i64 1) (memory 1) (func (export "_start") (drop (i64.load (i64.const 0x100000000)))))
