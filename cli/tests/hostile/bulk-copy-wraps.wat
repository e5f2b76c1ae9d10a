;; Tries: memory.copy with a length of 2^32-1
;; Ends: trap out of bounds memory access
(module (memory 1) (func (export "_start") (memory.copy (i32.const 1) (i32.const 2) (i32.const -1))))
