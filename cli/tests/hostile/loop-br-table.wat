;; Tries: a loop closed by every label of a br_table
;; Ends: trap wasm trap: interrupt
(module (func (export "_start") (local i32) (loop $l (block $b (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_table $b $l $b $l $l (i32.and (local.get 0) (i32.const 3)))) (br $l))))
