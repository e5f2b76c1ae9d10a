;; Traps three calls deep.
(module $trapping
  (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $middle (param i32) (result i32) (call $divide (local.get 0)))
  (func (export "_start") (drop (call $middle (i32.const 0)))))
