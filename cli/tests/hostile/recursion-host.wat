;; Tries: calls out of WASI functions at the end of the stack
;; Ends: trap call stack exhausted
;; Within: 60s 120m
(module (import "wasi_snapshot_preview1" "sched_yield" (func $y (result i32))) (memory (export "memory") 1) (func $f (drop (call $y)) (call $f) (drop (call $y))) (func (export "_start") (call $f)))
