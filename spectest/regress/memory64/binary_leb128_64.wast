;; Offsets of accesses to 64-bit memories take up to ten bytes; limits too.

(module binary
  "\00asm" "\01\00\00\00"
  "\05\0c\01\04"                    ;; one 64-bit memory, no maximum
  "\82\80\80\80\80\80\80\80\80\00"  ;; minimum 2 in ten bytes
)
(module binary
  "\00asm" "\01\00\00\00"
  "\04\0d\01\70\04"                 ;; one 64-bit table, no maximum
  "\82\80\80\80\80\80\80\80\80\00"  ;; minimum 2 in ten bytes
)
(assert_malformed
  (module binary
    "\00asm" "\01\00\00\00"
    "\05\0d\01\04"
    "\82\80\80\80\80\80\80\80\80\80\00"  ;; eleven bytes
  )
  "integer representation too long"
)
(assert_malformed
  (module binary
    "\00asm" "\01\00\00\00"
    "\05\0c\01\04"
    "\82\80\80\80\80\80\80\80\80\02"  ;; 2^64 + 2
  )
  "integer too large"
)

(module binary
  "\00asm" "\01\00\00\00"
  "\01\05\01\60\00\01\7f"           ;; () -> i32
  "\03\02\01\00"
  "\05\03\01\04\01"                 ;; one 64-bit memory, minimum 1
  "\07\08\01\04load\00\00"
  "\0a\12\01\10\00"
  "\42\01\28\02"                    ;; i64.const 1, i32.load align 4
  "\ff\ff\ff\ff\ff\ff\ff\ff\ff\01"  ;; offset 2^64 - 1
  "\0b"
)
(assert_trap (invoke "load") "out of bounds memory access")
(assert_malformed
  (module binary
    "\00asm" "\01\00\00\00"
    "\01\05\01\60\00\01\7f"
    "\03\02\01\00"
    "\05\03\01\04\01"
    "\0a\12\01\10\00"
    "\42\01\28\02"
    "\ff\ff\ff\ff\ff\ff\ff\ff\ff\02"  ;; one bit above 64 set
    "\0b"
  )
  "integer too large"
)
;; Of a 32-bit memory the offset has no more than five bytes' worth.
(assert_malformed
  (module binary
    "\00asm" "\01\00\00\00"
    "\01\05\01\60\00\01\7f"
    "\03\02\01\00"
    "\05\03\01\00\01"
    "\0a\0d\01\0b\00"
    "\41\01\28\02"
    "\ff\ff\ff\ff\1f"               ;; one bit above 32 set
  )
  "integer too large"
)
