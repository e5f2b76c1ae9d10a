;; compile
;; A reference that is alive across a call is in memory meanwhile, where a collection finds and changes it.
(module
  (import "" "f" (func $f))
  (type $s (struct (field i32)))
  (func (param (ref $s)) (result i32)
    (call $f)
    (struct.get $s 0 (local.get 0))))

;;; function 1:
;;;                        block0(v0: i64, v1: i64):                                     pushq %rbp
;;;                            v11 = stack_addr.i64 ss0                                  movq %rsp, %rbp
;;;                            store notrap aligned region3 v1, v11                      movq 0x10(%rdi), %r10
;;;                                                                                      movq 0x30(%r10), %r10
;;;                                                                                      addq $0x30, %r10
;;;                                                                                      cmpq %rsp, %r10
;;;                                                                                      ja L0
;;;                                                                                      subq $0x20, %rsp
;;;                                                                                      movq %r12, 0x10(%rsp)
;;;                                                                                      movq %rsi, (%rsp)
;;;                                                                                      movq %rdi, %r12
;;;   0x29 call 0              call fn0(v0), stack_map=[i64 @ ss0+0]                     callq import 0
;;;                            v10 = load.i64 notrap aligned region3 v11
;;;                                                                                      movq (%rsp), %r8
;;;   0x2b local.get 0
;;;   0x2d struct.get 0 0      trapz v10, NullStructReference                            testq %r8, %r8
;;;                            v3 = load.i64 notrap readonly can_move region0 v0+16      je L1
;;;                            v4 = load.i64 notrap region1 v3+88                        movq 0x10(%r12), %r10
;;;                            v5 = iadd v4, v10                                         movq 0x58(%r10), %r10
;;;                            v6 = load.i32 notrap region2 v5+8                         movl 8(%r10, %r8), %eax
;;;   0x31 end                 return v6                                                 movq 0x10(%rsp), %r12
;;;                                                                                      addq $0x20, %rsp
;;;                                                                                      movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;                                                                                  L0:
;;;                                                                                      ud2 ; trap: call stack exhausted
;;;   0x2d struct.get 0 0                                                            L1:
;;;                                                                                      ud2 ; trap: null structure reference
