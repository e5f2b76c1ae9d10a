;; Tries: a wait of 2^63-1 nanoseconds
;; Ends: trap wasm trap: interrupt
(module (memory 1 1 shared) (func (export "_start") (drop (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const 0x7fffffffffffffff)))))
