;; Tries: a poll with a million subscriptions
;; Ends: prints 28
;; With: --invoke f
(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "f") (result i32) (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 1000000) (i32.const 0))))
