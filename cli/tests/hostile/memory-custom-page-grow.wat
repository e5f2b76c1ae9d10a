;; Tries: a memory with pages of one byte that grows by 2^32-1
;; Ends: prints -1 3
;; With: -W custom-page-sizes --invoke f
(module (memory 3 (pagesize 1)) (func (export "f") (result i32 i32) (memory.grow (i32.const -1)) (memory.size)))
