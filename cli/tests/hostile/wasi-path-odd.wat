;; Tries: paths that are empty, have a zero byte, are not UTF-8, are too long or lie outside
;; Ends: prints 44 28 25 37 21
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) "a\00b\ff\fe")
  (func $open (param i32 i32) (result i32) (call $path_open (i32.const 3) (i32.const 1) (local.get 0) (local.get 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
  (func (export "f") (result i32 i32 i32 i32 i32) (call $open (i32.const 100) (i32.const 0)) (call $open (i32.const 100) (i32.const 3)) (call $open (i32.const 103) (i32.const 2)) (call $open (i32.const 0) (i32.const -1)) (call $open (i32.const 1048570) (i32.const 20))))
