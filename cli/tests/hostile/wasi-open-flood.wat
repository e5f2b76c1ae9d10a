;; Tries: path_open of the same folder without end
;; Ends: trap wasm trap: interrupt
;; With: --dir granted
(module (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) ".") (func (export "_start") (loop $l (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 2) (i64.const -1) (i64.const 0) (i32.const 0) (i32.const 0))) (br $l))))
