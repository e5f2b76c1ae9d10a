;; Branch hints: what is accepted, what is malformed where it stands in the text,
;; and what the section is found wrong for.

(module
  (func (param i32)
    (@metadata.code.branch_hint "\00") (if (local.get 0) (then))
    (block (@metadata.code.branch_hint "\01") (br_if 0 (local.get 0)))
    (local.get 0)
    (@metadata.code.branch_hint "\01") if end
  )
)

(assert_malformed_custom
  (module quote "(func (@metadata.code.branch_hint \"\\02\") (if (i32.const 0) (then)))")
  "invalid value")
(assert_malformed_custom
  (module quote
    "(func (@metadata.code.branch_hint \"\\00\") (@metadata.code.branch_hint \"\\00\")"
    "  (if (i32.const 0) (then)))")
  "duplicate annotation")
(assert_malformed_custom
  (module quote "(module (@metadata.code.branch_hint \"\\00\") (func))")
  "not in a function")
(assert_invalid_custom (module (func (@metadata.code.branch_hint "\00") (nop))) "invalid target")
(assert_invalid_custom
  (module (func (param i32) (block (@metadata.code.branch_hint "\00") (br_table 0 (local.get 0)))))
  "invalid target")

;; A function with an `if` at offset 3 of its body, hinted twice.
(assert_malformed_custom
  (module binary "\00asm" "\01\00\00\00"
    "\01\04\01\60\00\00" "\03\02\01\00"
    "\00\23\19metadata.code.branch_hint" "\01\00\02" "\03\01\00" "\03\01\01"
    "\0a\09\01\07\00\41\00\04\40\0b\0b")
  "malformed")
