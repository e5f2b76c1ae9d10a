;; Tries: memory.fill that ends one byte behind the end
;; Ends: trap out of bounds memory access
(module (memory 1) (func (export "_start") (memory.fill (i32.const 65536) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))))
