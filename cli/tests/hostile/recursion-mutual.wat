;; Tries: two functions that call each other without end
;; Ends: trap call stack exhausted
(module (func $f (param i32) (result i32) (i32.add (call $g (local.get 0)) (i32.const 1))) (func $g (param i32) (result i32) (i32.mul (call $f (local.get 0)) (i32.const 3))) (func (export "_start") (drop (call $f (i32.const 1)))))
