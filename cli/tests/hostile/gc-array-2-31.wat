;; Tries: an array of 2^31 elements
;; Ends: trap allocation size too large
(module (type $a (array i64)) (func (export "_start") (drop (array.new_default $a (i32.const 0x80000000)))))
