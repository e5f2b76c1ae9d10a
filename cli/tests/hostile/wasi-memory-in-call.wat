;; Tries: a read into the array of buffers that says where to read to
;; Ends: prints 0
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32))) (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) "self")
  (func (export "f") (result i32) (local i32)
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 1) (i64.const 0x1fffffff) (i64.const 0) (i32.const 0) (i32.const 0)))
    (local.set 0 (i32.load (i32.const 0)))
    (memory.fill (i32.const 1024) (i32.const 255) (i32.const 64))
    (i32.store (i32.const 8) (i32.const 1024)) (i32.store (i32.const 12) (i32.const 64))
    (drop (call $fd_write (local.get 0) (i32.const 8) (i32.const 1) (i32.const 24)))
    (i32.store (i32.const 8) (i32.const 8)) (i32.store (i32.const 12) (i32.const 16)) (i32.store (i32.const 16) (i32.const 8)) (i32.store (i32.const 20) (i32.const 16))
    (call $fd_pread (local.get 0) (i32.const 8) (i32.const 2) (i64.const 0) (i32.const 64))))
