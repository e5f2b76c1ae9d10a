;; Tries: fd_renumber of numbers that are not open, onto itself, and of a granted folder
;; Ends: prints 8 8 0 8
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32 i32 i32 i32) (call $fd_renumber (i32.const 0) (i32.const -1)) (call $fd_renumber (i32.const -1) (i32.const 0)) (call $fd_renumber (i32.const 3) (i32.const 0)) (call $fd_renumber (i32.const 3) (i32.const 0))))
