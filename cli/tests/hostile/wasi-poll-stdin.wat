;; Tries: a poll of standard input alone, which never gives anything
;; Ends: trap wasm trap: interrupt
(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "_start") (i32.store8 (i32.const 8) (i32.const 1)) (drop (call $poll_oneoff (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048)))))
