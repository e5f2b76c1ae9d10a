;; Tries: fd_readdir from cookies that never were
;; Ends: prints 0 0 21
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32 i32 i32) (call $fd_readdir (i32.const 3) (i32.const 0) (i32.const 1000) (i64.const -1) (i32.const 2000)) (call $fd_readdir (i32.const 3) (i32.const 0) (i32.const 1) (i64.const 0x7fffffffffffffff) (i32.const 2000)) (call $fd_readdir (i32.const 3) (i32.const 1048000) (i32.const 1000) (i64.const 0) (i32.const 2000))))
