;; Tries: arguments and environment written to the end of memory
;; Ends: prints 21 21 0 21
;; With: --env NAME=VALUE --invoke f
(module (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32))) (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32))) (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32 i32 i32 i32) (call $args_get (i32.const 1048574) (i32.const 0)) (call $environ_get (i32.const 0) (i32.const 1048575)) (call $args_sizes_get (i32.const 0) (i32.const 4)) (call $args_sizes_get (i32.const 1048576) (i32.const 0))))
