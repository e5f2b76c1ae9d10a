;; Tries: a memory with pages of one byte, read behind its end
;; Ends: trap out of bounds memory access
;; With: -W custom-page-sizes
(module (memory 3 (pagesize 1)) (func (export "_start") (i32.store8 (i32.const 2) (i32.const 1)) (drop (i32.load8_u (i32.const 3)))))
