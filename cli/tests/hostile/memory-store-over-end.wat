;; Tries: a store of which only the first bytes are in bounds writes none of them
;; Ends: prints 0
;; With: --invoke f
(module (memory 1) (tag $t)
  (func $try (i64.store (i32.const 65532) (i64.const -1)))
  (func (export "f") (result i32) (if (i32.eqz (i32.const 0)) (then)) (i32.load (i32.const 65532))))
