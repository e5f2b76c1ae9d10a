;; Tries: proc_exit inside of a catch_all: leaving is nothing that a guest can catch
;; Ends: exit 3
(module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1) (func (export "_start") (loop $l (block $h (try_table (catch_all $h) (call $e (i32.const 3)))) (br $l))))
