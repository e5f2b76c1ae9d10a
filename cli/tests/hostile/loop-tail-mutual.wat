;; Tries: two functions that tail call each other with other numbers of parameters
;; Ends: trap wasm trap: interrupt
(module
  (func $a (param i32) (return_call $b (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)))
  (func $b (param i32 i64 i64 i64 i64 i64 i64 i64 i64) (return_call $a (i32.add (local.get 0) (i32.const 1))))
  (func (export "_start") (call $a (i32.const 0))))
