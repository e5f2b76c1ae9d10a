;; Tries: memory.fill of all memory in a loop
;; Ends: trap wasm trap: interrupt
(module (memory 1000) (func (export "_start") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000)) (br $l))))
