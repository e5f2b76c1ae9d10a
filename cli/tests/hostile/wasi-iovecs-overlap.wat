;; Tries: a thousand buffers that are all the same megabyte: a write of a gigabyte
;; Ends: trap wasm trap: interrupt
(module (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (func (export "_start") (local i32) (loop $l (i32.store offset=4 (local.get 0) (i32.const 1048576)) (local.set 0 (i32.add (local.get 0) (i32.const 8))) (br_if $l (i32.lt_u (local.get 0) (i32.const 8192)))) (loop $m (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 9000))) (br $m))))
