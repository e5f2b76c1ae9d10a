;; Tries: open listings of many folders, each of which takes one more descriptor of the host
;; Ends: prints 33
;; With: --dir granted --invoke f
(module (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 16)
  (data (i32.const 100) ".") (func (export "f") (result i32) (local i32)
    (loop $l (local.set 0 (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 2) (i64.const 0x4000) (i64.const 0) (i32.const 0) (i32.const 0)))
      (if (i32.eqz (local.get 0)) (then (local.set 0 (call $fd_readdir (i32.load (i32.const 0)) (i32.const 256) (i32.const 4096) (i64.const 0) (i32.const 8)))))
      (br_if $l (i32.eqz (local.get 0)))) (local.get 0)))
