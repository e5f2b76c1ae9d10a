;; compile
;; A field is one addition, to the base of the heap, and one load away.
(module
  (type $s (struct (field i32) (field (ref null $s))))
  (func (param (ref null $s)) (result i32)
    (struct.get $s 0 (struct.get $s 1 (local.get 0)))))

;;; function 0:
;;;                                                                                      pushq %rbp
;;;                                                                                      movq %rsp, %rbp
;;;   0x21 local.get 0
;;;   0x23 struct.get 0 1  block0(v0: i64, v1: i64):                                     testq %rsi, %rsi
;;;                            trapz v1, NullStructReference                             je L0
;;;                            v3 = load.i64 notrap readonly can_move region0 v0+16      movq 0x10(%rdi), %r8
;;;                            v4 = load.i64 notrap region1 v3+88                        movq 0x58(%r8), %r8
;;;                            v5 = iadd v4, v1                                          movl 0xc(%r8, %rsi), %r9d
;;;                            v6 = uload32 notrap region2 v5+12
;;;   0x27 struct.get 0 0      trapz v6, NullStructReference                             testq %r9, %r9
;;;                            v9 = iadd v4, v6                                          je L1
;;;                            v10 = load.i32 notrap region2 v9+8                        movl 8(%r8, %r9), %eax
;;;   0x2b end                 return v10                                                movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;   0x23 struct.get 0 1                                                            L0:
;;;                                                                                      ud2 ; trap: null structure reference
;;;   0x27 struct.get 0 0                                                            L1:
;;;                                                                                      ud2 ; trap: null structure reference
