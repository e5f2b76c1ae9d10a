;; compile
;; A reference that is alive across a call is in memory meanwhile, where a collection finds and changes it.
(module
  (import "" "f" (func $f))
  (type $s (struct (field i32)))
  (func (param (ref $s)) (result i32)
    (call $f)
    (struct.get $s 0 (local.get 0))))

;;; function 1:
;;;                        block0(v0: i64, v1: i64):                                      pushq %rbp
;;;                            v18 = stack_addr.i64 ss0                                   movq %rsp, %rbp
;;;                            store notrap aligned region5 v1, v18                       movq 0x10(%rdi), %r10
;;;                                                                                       movq 0x30(%r10), %r10
;;;                                                                                       addq $0x30, %r10
;;;                                                                                       cmpq %rsp, %r10
;;;                                                                                       ja L2
;;;                                                                                       subq $0x20, %rsp
;;;                                                                                       movq %r13, 0x10(%rsp)
;;;                                                                                       movq %rsi, (%rsp)
;;;   0x29 call 0              v3 = load.i64 notrap readonly can_move region0 v0+64       movq 0x40(%rdi), %rax
;;;                            v4 = load.i64 notrap region2 v3+8                          movq %rdi, %r13
;;;                            v5 = load.i64 notrap region2 v3+16                         movq 8(%rax), %rsi
;;;                            brif v4, block3(v4, v5), block2                            movq 0x10(%rax), %rdi
;;;                        block2 cold:                                                   testq %rsi, %rsi
;;;                            store.i64 notrap region3 v3, v0+48                         je L1
;;;                            v8 = func_addr.i64 fn0                                     nopw (%rax, %rax)
;;;                            jump block3(v8, v0)                                        nop
;;;                        block3(v6: i64, v7: i64):                                  L0:
;;;                            call_indirect sig0, v6(v7), stack_map=[i64 @ ss0+0]        callq *%rsi
;;;                            v17 = load.i64 notrap aligned region5 v18
;;;                                                                                       movq (%rsp), %rax
;;;   0x2b local.get 0
;;;   0x2d struct.get 0 0      trapz v17, NullStructReference                             testq %rax, %rax
;;;                            v10 = load.i64 notrap readonly can_move region0 v0+16      je L3
;;;                            v11 = load.i64 notrap region1 v10+88                       movq %r13, %rdi
;;;                            v12 = iadd v11, v17                                        movq 0x10(%rdi), %rcx
;;;                            v13 = load.i32 notrap region4 v12+8                        movq 0x58(%rcx), %rcx
;;;                                                                                       movl 8(%rcx, %rax), %eax
;;;   0x31 end                 return v13                                                 movq 0x10(%rsp), %r13
;;;                                                                                       addq $0x20, %rsp
;;;                                                                                       movq %rbp, %rsp
;;;                                                                                       popq %rbp
;;;                                                                                       retq
;;;                                                                                   L1:
;;;                                                                                       movq %r13, %rdi
;;;   0x29 call 0                                                                         movq %rax, 0x30(%rdi)
;;;                                                                                       leaq adapter 0(%rip), %rsi
;;;                                                                                       jmp L0
;;;                                                                                   L2:
;;;                                                                                       ud2 ; trap: call stack exhausted
;;;   0x2d struct.get 0 0                                                             L3:
;;;                                                                                       ud2 ; trap: null structure reference
