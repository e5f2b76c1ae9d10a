;; Imports what nobody provides; calls it on demand.
(module
  (import "env" "mystery" (func $mystery (param i32) (result i64)))
  (func (export "call") (result i64) (call $mystery (i32.const 1)))
  (func (export "leave") (result i32) (i32.const 5)))
