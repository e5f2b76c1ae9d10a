;; Tries: an access of a memory without pages
;; Ends: trap out of bounds memory access
(module (memory 0 0) (func (export "_start") (drop (i32.load8_u (i32.const 0)))))
