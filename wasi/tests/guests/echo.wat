;; Writes its arguments and environment, each ended by a zero byte, to standard output.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    ;; Two buffers at 0: lengths are written where the array wants them.
    (i32.store (i32.const 0) (i32.const 4096))
    (i32.store (i32.const 8) (i32.const 8192))
    (drop (call $args_sizes (i32.const 32) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 4096)))
    (drop (call $env_sizes (i32.const 32) (i32.const 12)))
    (drop (call $env (i32.const 1024) (i32.const 8192)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32)))))
