;; Tries: polls that sleep for a day each, in a loop
;; Ends: trap wasm trap: interrupt
(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func $clock (param i32 i64) (i64.store offset=24 (local.get 0) (local.get 1)) (i32.store8 offset=8 (local.get 0) (i32.const 0)) (i32.store offset=16 (local.get 0) (i32.const 1)))(func (export "_start") (call $clock (i32.const 0) (i64.const 86400000000000)) (loop $l (drop (call $poll_oneoff (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048))) (br $l))))
