;; Writes 8 random bytes and the time of both clocks, 24 bytes in all, to standard output.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\18\00\00\00")
  (func (export "_start")
    (drop (call $random (i32.const 64) (i32.const 8)))
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 72)))
    (drop (call $yield))
    (drop (call $time (i32.const 1) (i64.const 0) (i32.const 80)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
