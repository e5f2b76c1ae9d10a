;; Tries: proc_exit in the start function
;; Ends: exit 7
(module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1) (func $s (call $e (i32.const 7))) (start $s) (func (export "_start") unreachable))
