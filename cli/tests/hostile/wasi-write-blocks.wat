;; Tries: writes to an output that nobody reads
;; Ends: trap wasm trap: interrupt
(module (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "_start") (i32.store (i32.const 4) (i32.const 1000000)) (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))) (br $l))))
