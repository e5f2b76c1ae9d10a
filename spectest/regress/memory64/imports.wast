;; The address type is part of the type that an import must match; limits are
;; compared as they are for 32-bit memories and tables.

(module
  (table (export "t32") 10 20 funcref)
  (table (export "t64") i64 10 20 funcref)
  (table (export "t64-open") i64 10 funcref)
  (memory (export "m32") 2 4)
  (memory (export "m64") i64 2 4)
  (memory (export "m64-open") i64 2)
)
(register "M")

(module (import "M" "t64" (table i64 10 20 funcref)) (import "M" "m64" (memory i64 2 4)))
(module (import "M" "t64" (table i64 0 25 funcref)) (import "M" "m64" (memory i64 0 5)))
(module (import "M" "t64" (table i64 5 funcref)) (import "M" "m64" (memory i64 1)))
(module (import "M" "t64-open" (table i64 10 funcref)) (import "M" "m64-open" (memory i64 2)))
(module (table (import "M" "t64") i64 10 funcref) (memory (import "M" "m64") i64 2))

(assert_unlinkable (module (import "M" "t32" (table i64 10 20 funcref))) "incompatible import type")
(assert_unlinkable (module (import "M" "t64" (table 10 20 funcref))) "incompatible import type")
(assert_unlinkable (module (import "M" "m32" (memory i64 2 4))) "incompatible import type")
(assert_unlinkable (module (import "M" "m64" (memory 2 4))) "incompatible import type")
(assert_unlinkable (module (import "M" "t64" (table i64 11 20 funcref))) "incompatible import type")
(assert_unlinkable (module (import "M" "t64" (table i64 10 19 funcref))) "incompatible import type")
(assert_unlinkable (module (import "M" "t64-open" (table i64 10 20 funcref))) "incompatible import type")
(assert_unlinkable (module (import "M" "m64" (memory i64 3 4))) "incompatible import type")
(assert_unlinkable (module (import "M" "m64" (memory i64 2 3))) "incompatible import type")
(assert_unlinkable (module (import "M" "m64-open" (memory i64 2 4))) "incompatible import type")
(assert_unlinkable (module (import "M" "m64-open" (memory i64 2 0x1_0000_0000))) "incompatible import type")
(assert_unlinkable (module (import "spectest" "table" (table i64 10 funcref))) "incompatible import type")
(module (import "spectest" "table64" (table i64 10 20 funcref)))
