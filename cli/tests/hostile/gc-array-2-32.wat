;; Tries: an array of 2^32-1 vectors, whose size overflows 32 bits
;; Ends: trap allocation size too large
(module (type $a (array v128)) (func (export "_start") (drop (array.new $a (v128.const i64x2 0 0) (i32.const -1)))))
