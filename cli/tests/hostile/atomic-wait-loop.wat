;; Tries: waits of a nanosecond in a loop
;; Ends: trap wasm trap: interrupt
(module (memory 1 1 shared) (func (export "_start") (loop $l (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1))) (br $l))))
