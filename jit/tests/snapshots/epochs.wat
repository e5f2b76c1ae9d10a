;; compile epochs
;; Where a guest looks at the epoch: on entry and at the start of loops.
(module
  (func (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

;;; function 0:
;;;                                                                                       pushq %rbp
;;;                                                                                       movq %rsp, %rbp
;;;                                                                                       movq 0x10(%rdi), %r10
;;;                                                                                       movq 0x30(%r10), %r10
;;;                                                                                       addq $0x60, %r10
;;;                                                                                       cmpq %rsp, %r10
;;;                                                                                       ja L6
;;;                                                                                       subq $0x50, %rsp
;;;                                                                                       movq %rbx, 0x20(%rsp)
;;;                                                                                       movq %r12, 0x28(%rsp)
;;;                                                                                       movq %r13, 0x30(%rsp)
;;;                                                                                       movq %r14, 0x38(%rsp)
;;;                                                                                       movq %r15, 0x40(%rsp)
;;;                                                                                       movq %rsi, 0x10(%rsp)
;;;   0x18 loop           block0(v0: i64, v1: i32):                                       movq 0x10(%rdi), %rbx
;;;                           v2 = load.i64 notrap readonly can_move region0 v0+16        movq 0x10(%rbx), %r8
;;;                           v3 = load.i64 notrap region1 v2+16                          movq 8(%rbx), %rax
;;;                           v5 = load.i64 notrap readonly can_move region0 v2+8         movq (%rax), %rcx
;;;                           v6 = load.i64 notrap region1 v5                             movq %rax, %r13
;;;                           v7 = icmp uge v6, v3                                        cmpq %r8, %rcx
;;;                           brif v7, block2, block3(v3)                                 jae L4
;;;                       block2 cold:
;;;                           v9 = load.i64 notrap readonly can_move region0 v0+32
;;;                           v10 = load.i64 notrap readonly can_move region0 v9
;;;                           v8 = stack_addr.i64 ss0
;;;                           v11 = load.i64 notrap readonly can_move region0 v9+40
;;;                           call_indirect sig0, v10(v0, v8, v11)
;;;                           v13 = load.i64 notrap region1 v2+16
;;;                           jump block3(v13)
;;;                       block3(v29: i64):
;;;                           v32 = load.i64 notrap readonly can_move region0 v0+32
;;;                           v33 = load.i64 notrap readonly can_move region0 v32
;;;                           v34 = stack_addr.i64 ss0
;;;                           v35 = load.i64 notrap readonly can_move region0 v32+40
;;;                           jump block4(v29, v1)
;;;                       block4(v17: i64, v26: i32):
;;;                           v16 = load.i64 notrap region1 v5
;;;                           v18 = icmp uge v16, v17
;;;                           brif v18, block6, block7(v17)
;;;                       block6 cold:
;;;                           call_indirect.i64 sig0, v33(v0, v34, v35)
;;;                           v24 = load.i64 notrap region1 v2+16
;;;                           jump block7(v24)
;;;                       block7(v30: i64):
;;;                           v36 = iconst.i32 1
;;;                           v37 = isub.i32 v26, v36  ; v36 = 1
;;;                                                                                       movq %rdi, %rax
;;;                                                                                       movq %rdi, 8(%rsp)
;;;                                                                                   L0:
;;;                                                                                       movq 0x20(%rax), %rax
;;;                                                                                       movq (%rax), %r14
;;;                                                                                       leaq (%rsp), %r15
;;;                                                                                       movq 0x28(%rax), %r12
;;;   0x18 loop                                                                       L1:
;;;                                                                                       movq (%r13), %rax
;;;                                                                                       cmpq %r8, %rax
;;;                                                                                       jae L5
;;;                                                                                       movq 0x10(%rsp), %rsi
;;;                                                                                   L2:
;;;                                                                                       subl $1, %esi
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v27 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v37, block4(v30, v37), block8                          testl %esi, %esi
;;;                                                                                       je L3
;;;                                                                                       movq %rsi, 0x10(%rsp)
;;;                                                                                       jmp L1
;;;   0x25 end
;;;   0x26 end            block8:                                                     L3:
;;;                           return                                                      movq 0x20(%rsp), %rbx
;;;                                                                                       movq 0x28(%rsp), %r12
;;;                                                                                       movq 0x30(%rsp), %r13
;;;                                                                                       movq 0x38(%rsp), %r14
;;;                                                                                       movq 0x40(%rsp), %r15
;;;                                                                                       addq $0x50, %rsp
;;;                                                                                       movq %rbp, %rsp
;;;                                                                                       popq %rbp
;;;                                                                                       retq
;;;   0x18 loop                                                                       L4:
;;;                                                                                       movq 0x20(%rdi), %rax
;;;                                                                                       movq %rdi, 8(%rsp)
;;;                                                                                       movq (%rax), %rcx
;;;                                                                                       leaq (%rsp), %rsi
;;;                                                                                       movq 0x28(%rax), %rdx
;;;                                                                                       callq *%rcx
;;;                                                                                       movq 0x10(%rbx), %r8
;;;                                                                                       movq 8(%rsp), %rax
;;;                                                                                       jmp L0
;;;                                                                                   L5:
;;;                                                                                       movq %r12, %rdx
;;;                                                                                       movq %r15, %rsi
;;;                                                                                       movq 8(%rsp), %rdi
;;;   0x18 loop                                                                           callq *%r14
;;;                                                                                       movq 0x10(%rbx), %r8
;;;                                                                                       movq 0x10(%rsp), %rsi
;;;                                                                                       jmp L2
;;;                                                                                   L6:
;;;                                                                                       ud2 ; trap: call stack exhausted
