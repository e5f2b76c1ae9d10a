;; Tries: ways out of a granted folder: .., an absolute path, a symbolic link
;; Ends: prints 76 76 76 76
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) "../secret/etc/passwdway-outgranted/../../secret")
  (func $open (param i32 i32) (result i32) (call $path_open (i32.const 3) (i32.const 1) (local.get 0) (local.get 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
  (func (export "f") (result i32 i32 i32 i32) (call $open (i32.const 100) (i32.const 9)) (call $open (i32.const 109) (i32.const 11)) (call $open (i32.const 120) (i32.const 7)) (call $open (i32.const 100) (i32.const 2))))
