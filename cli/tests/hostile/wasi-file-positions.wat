;; Tries: seeks to the ends of what can be, and reads there
;; Ends: prints 28 0 0
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) "new")
  (func (export "f") (result i32 i32 i32) (local i32)
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 3) (i32.const 1) (i64.const 0x1fffffff) (i64.const 0) (i32.const 0) (i32.const 0)))
    (local.set 0 (i32.load (i32.const 0)))
    (i32.store (i32.const 8) (i32.const 200)) (i32.store (i32.const 12) (i32.const 100))
    (call $fd_seek (local.get 0) (i64.const -1) (i32.const 0) (i32.const 16))
    (call $fd_seek (local.get 0) (i64.const 0xfffffff0000) (i32.const 0) (i32.const 16))
    (call $fd_pread (local.get 0) (i32.const 8) (i32.const 1) (i64.const 0xfffffff0000) (i32.const 24))))
