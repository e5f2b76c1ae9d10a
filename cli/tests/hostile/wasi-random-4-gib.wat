;; Tries: random_get of 4 GiB
;; Ends: prints 21 21 0
;; With: --invoke f
(module (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32 i32 i32) (call $random_get (i32.const 0) (i32.const -1)) (call $random_get (i32.const -1) (i32.const 2)) (call $random_get (i32.const 0) (i32.const 1048576))))
