;; Tries: memory.grow by numbers whose sum or size in bytes wraps
;; Ends: prints -1 -1 -1
;; With: --invoke f
(module (memory 1) (memory $m i64 1) (func (export "f") (result i32 i32 i64) (memory.grow (i32.const -1)) (memory.grow (i32.const 65536)) (memory.grow $m (i64.const -1))))
