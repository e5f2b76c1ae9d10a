;; Tries: buffers of a memory of more than 4 GiB whose array runs over the last 32-bit address
;; Ends: prints 21
;; With: -W max-memory-size=5g --invoke f
(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") i64 65540)
  (func (export "f") (result i32) (call $write (i32.const 1) (i32.const -8) (i32.const 2) (i32.const 0))))
