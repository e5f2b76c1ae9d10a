;; Tries: the remainder of the division that overflows is zero
;; Ends: prints 0 0
;; With: --invoke f
(module (func $d (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1))) (func $e (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1))) (func (export "f") (result i64 i32) (call $d (i64.const 0x8000000000000000) (i64.const -1)) (call $e (i32.const 0x80000000) (i32.const -1))))
