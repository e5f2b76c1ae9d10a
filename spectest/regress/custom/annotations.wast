;; Quoted text that is nothing but an annotation is read: it may be malformed, or
;; it is a module with a custom section. Folder: scripts with custom sections.

(module quote "(@custom \"a\" \"b\")")
(module quote "(@custom \"a\" (before first))")
(module quote "(@unknown \"\\ff\")")
(module quote "(module $m (@name \"n\"))")

(assert_malformed_custom (module quote "(@custom)") "missing section name")
(assert_malformed_custom (module quote "(@custom $a)") "missing section name")
(assert_malformed_custom (module quote "(@custom \"\\ff\")") "malformed UTF-8 encoding")
(assert_malformed_custom (module quote "(@custom \"a\" before)") "unexpected token")
(assert_malformed_custom (module quote "(@custom \"a\" (before))") "malformed section kind")
(assert_malformed_custom (module quote "(@custom \"a\" (amid func))") "malformed placement")
(assert_malformed_custom (module quote "(@custom \"a\" (after last) (after last))") "unexpected token")
(assert_malformed_custom (module quote "(func (@custom \"a\"))") "misplaced")
(assert_malformed_custom (module quote "(module (@name \"a\") (@name \"b\"))") "multiple module")

;; The same, in the binary: the module is accepted, its sections are found wrong.
(module binary "\00asm" "\01\00\00\00" "\00\08\04name\00\01\00")
(assert_malformed_custom
  (module binary "\00asm" "\01\00\00\00" "\00\09\04name\00\02\01\ff")
  "malformed UTF-8 encoding")
(assert_malformed_custom
  (module binary "\00asm" "\01\00\00\00" "\00\09\04name\00\03\01a")
  "unexpected end")
(assert_invalid_custom
  (module binary "\00asm" "\01\00\00\00" "\00\0b\04name\01\04\01\00\01a")
  "unknown function")
