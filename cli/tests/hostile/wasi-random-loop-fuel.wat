;; Tries: random_get of all memory in a loop, against fuel: the host counts what it does
;; Ends: trap all fuel consumed
;; With: -W fuel=3000000
(module (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32))) (memory (export "memory") 1000) (func (export "_start") (loop $l (drop (call $r (i32.const 0) (i32.const 65536000))) (br $l))))
