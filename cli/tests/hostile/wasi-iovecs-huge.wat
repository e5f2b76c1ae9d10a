;; Tries: a billion buffers, buffers behind the end and buffers of 4 GiB
;; Ends: prints 21 21 21
;; With: --invoke f
(module (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32 i32 i32) (i32.store (i32.const 1048568) (i32.const 0)) (i32.store (i32.const 1048572) (i32.const -1)) (call $fd_write (i32.const 1) (i32.const 1048568) (i32.const 1000000000) (i32.const 0)) (call $fd_write (i32.const 1) (i32.const 1048568) (i32.const 1) (i32.const 0)) (call $fd_write (i32.const 1) (i32.const -4) (i32.const 1) (i32.const 0))))
