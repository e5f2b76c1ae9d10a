;; Provides what `unknown.wat` imports.
(module
  (func (export "mystery") (param i32) (result i64) (i64.const 42)))
