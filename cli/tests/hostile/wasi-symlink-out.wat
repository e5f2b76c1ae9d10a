;; Tries: links that the guest makes itself: to an absolute path, and out by ..
;; Ends: prints 0 76 76
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "path_symlink" (func $path_symlink (param i32 i32 i32 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) "../secretmine/etc/passwd")
  (func (export "f") (result i32 i32 i32)
    (call $path_symlink (i32.const 100) (i32.const 9) (i32.const 3) (i32.const 109) (i32.const 4))
    (call $path_open (i32.const 3) (i32.const 1) (i32.const 109) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))
    (call $path_symlink (i32.const 113) (i32.const 11) (i32.const 3) (i32.const 105) (i32.const 4))))
