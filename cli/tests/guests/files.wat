;; Opens `note` in the first folder that it was given, creating it if it is told
;; to ("write" exported), and exits with the error number.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "note")
  (data (i32.const 128) "written by a guest\n")

  ;; Rights: fd_read 2, fd_write 64. Open flags: create 1, truncate 8.
  (func $open (param $flags i32) (param $rights i64) (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
      (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 0)))

  (func (export "read") (result i32)
    (local $errno i32)
    (local.set $errno (call $open (i32.const 0) (i64.const 2)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (i32.store (i32.const 8) (i32.const 256))
    (i32.store (i32.const 12) (i32.const 100))
    (local.set $errno (call $fd_read (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 4)))
    (i32.store (i32.const 12) (i32.load (i32.const 4)))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 4)))
    (local.get $errno))

  (func (export "write") (result i32)
    (local $errno i32)
    (local.set $errno (call $open (i32.const 9) (i64.const 64)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (i32.store (i32.const 8) (i32.const 128))
    (i32.store (i32.const 12) (i32.const 19))
    (call $fd_write (i32.load (i32.const 0)) (i32.const 8) (i32.const 1) (i32.const 4))))
