;; Tries: an address and an offset whose sum wraps
;; Ends: trap out of bounds memory access
(module (memory 1) (func (export "_start") (drop (i32.load offset=0xffffffff (i32.const 1)))))
