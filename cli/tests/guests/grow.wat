;; Grows its memory by as many pages as asked for; recurses without end; grows its table.
(module
  (memory 1)
  (table $t 1 funcref)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "grow_table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
  (func $deep (export "deep") (call $deep)))
