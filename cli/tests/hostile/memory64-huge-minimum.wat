;; Tries: a 64-bit memory with a minimum of 2^48 pages
;; Ends: error
(module (memory i64 0x1000000000000) (func (export "_start")))
