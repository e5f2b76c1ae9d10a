;; Initialisations of several kinds; `get` tells what they left.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "note")

  (func (export "wizer-initialize") (i32.store (i32.const 0) (i32.const 42)))
  (func (export "wizer.resume") (call $proc_exit (i32.load (i32.const 0))))
  (func (export "_start") (call $proc_exit (i32.const 1)))
  (func (export "get") (result i32) (i32.load (i32.const 0)))

  ;; The number of environment variables.
  (func (export "environment")
    (drop (call $environ_sizes_get (i32.const 0) (i32.const 4))))
  (func (export "exit") (call $proc_exit (i32.const 3)))

  ;; Opens `note` in the first folder; its first byte is what `get` gets.
  (func $open (export "open")
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
          (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16))
      (then unreachable)))
  (func (export "read")
    (call $open)
    (i32.store (i32.const 8) (i32.const 0))
    (i32.store (i32.const 12) (i32.const 1))
    (drop (call $fd_read (i32.load (i32.const 16)) (i32.const 8) (i32.const 1) (i32.const 4)))
    (drop (call $fd_close (i32.load (i32.const 16))))))
