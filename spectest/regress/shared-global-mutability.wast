;; The mutability byte 2 is that of a shared global, which no finished proposal has:
;; the module is malformed, not invalid.
(assert_malformed
  (module binary "\00asm" "\01\00\00\00" "\06\06\01\7f\02\41\00\0b")
  "malformed mutability")
(assert_malformed
  (module binary "\00asm" "\01\00\00\00" "\02\07\01\01m\00\03\7f\02")
  "malformed mutability")
