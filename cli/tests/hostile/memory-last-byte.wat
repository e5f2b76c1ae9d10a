;; Tries: an access of eight bytes at the last byte of memory
;; Ends: trap out of bounds memory access
(module (memory 1) (func (export "_start") (drop (i64.load (i32.const 65529)))))
