;; compile
;; Entering and leaving a try_table costs nothing; an exception lands in a cold block.
(module
  (import "" "f" (func $f))
  (tag $t (param i32))
  (func (result i32)
    (block $caught (result i32)
      (try_table (catch $t $caught)
        (call $f))
      (i32.const 1))))

;;; function 1:
;;;                                                                                                pushq %rbp
;;;                                                                                                movq %rsp, %rbp
;;;                                                                                                movq 0x10(%rdi), %r10
;;;                                                                                                movq 0x30(%r10), %r10
;;;                                                                                                addq $0x50, %r10
;;;                                                                                                cmpq %rsp, %r10
;;;                                                                                                ja L5
;;;                                                                                                subq $0x40, %rsp
;;;                                                                                                movq %rbx, 0x10(%rsp)
;;;                                                                                                movq %r12, 0x18(%rsp)
;;;                                                                                                movq %r13, 0x20(%rsp)
;;;                                                                                                movq %r14, 0x28(%rsp)
;;;                                                                                                movq %r15, 0x30(%rsp)
;;;   0x2c block (result i32)
;;;   0x2e   try_table (catch 0 0)
;;;   0x34     call 0               block0(v0: i64):                                               movq 0x40(%rdi), %rax
;;;                                     v4 = load.i64 notrap readonly can_move region0 v0+64       movq %rax, %rcx
;;;                                     v5 = load.i64 notrap region2 v4+8                          movq 8(%rcx), %rax
;;;                                     brif v5, block5, block6                                    movq %rcx, %rdx
;;;                                 block5 cold:                                                   testq %rax, %rax
;;;                                     v6 = load.i64 notrap region2 v4+16                         jne L3
;;;                                     try_call_indirect.i64 v5(v6), sig0, block8, [ context v0, tag0: block3(exn0) ]      movq 0x10(%rdi), %rax
;;;                                 block8:                                                        movq %rdi, 8(%rsp)
;;;                                     jump block7                                                movq 0x40(%rax), %rax
;;;                                 block6:                                                        movq %rbp, %rcx
;;;                                     v7 = load.i64 notrap readonly can_move region0 v0+16       movq %rcx, 0x10(%rax)
;;;                                     v8 = load.i64 notrap region1 v7+64                         movq %rsp, %rcx
;;;                                     v9 = get_frame_pointer.i64                                 movq %rcx, 0x18(%rax)
;;;                                     store notrap region1 v9, v8+16                             movq %rdx, %rdi
;;;                                     v10 = get_stack_pointer.i64                                movq (%rdi), %rax
;;;                                     store notrap region1 v10, v8+24                            movq 0x18(%rax), %rax
;;;                                     v11 = load.i64 notrap region2 v4                           movq 8(%rsp), %rsi
;;;                                     v12 = load.i64 notrap region2 v11+24                       callq *%rax
;;;                                     v13, v14 = call_indirect sig1, v12(v4, v0)                 testl %edx, %edx
;;;                                     brif v14, block9, block10                                  jne L2
;;;                                 block9 cold:
;;;                                     v16 = load.i64 notrap region0 v0+32
;;;                                     v17 = load.i64 notrap region0 v16
;;;                                     v18 = load.i64 notrap region0 v16+16
;;;                                     v15 = stack_addr.i64 ss0
;;;                                     try_call_indirect v17(v0, v15, v18), sig2, block11, [ context v0, tag0: block3(exn0) ]
;;;                                 block11:
;;;                                     jump block7
;;;                                 block10:
;;;                                     jump block7
;;;   0x37   i32.const 1            block4:                                                    L0:
;;;                                     v23 = iconst.i32 1                                         movl $1, %eax
;;;   0x39 end                          jump block2(v23)  ; v23 = 1
;;;   0x3a end                      block2(v2: i32):                                               nop
;;;                                     return v2                                              L1:
;;;                                                                                                movq 0x10(%rsp), %rbx
;;;                                                                                                movq 0x18(%rsp), %r12
;;;                                                                                                movq 0x20(%rsp), %r13
;;;                                                                                                movq 0x28(%rsp), %r14
;;;                                                                                                movq 0x30(%rsp), %r15
;;;                                                                                                addq $0x40, %rsp
;;;                                                                                                movq %rbp, %rsp
;;;                                                                                                popq %rbp
;;;                                                                                                retq
;;;                                                                                            L2:
;;;                                                                                                movq 8(%rsp), %rdi
;;;   0x34     call 0                                                                              movq 0x20(%rdi), %rcx
;;;                                                                                                movq (%rcx), %rax
;;;                                                                                                movq 0x10(%rcx), %rdx
;;;                                                                                                leaq (%rsp), %rsi
;;;                                                                                                callq *%rax
;;;                                                                                                jmp L0
;;;                                                                                                movq 8(%rsp), %rdi
;;;                                                                                                jmp L4
;;;                                                                                            L3:
;;;                                                                                                movq %rdi, 8(%rsp)
;;;                                                                                                movq %rdx, %rdi
;;;   0x34     call 0                                                                              movq 0x10(%rdi), %rdi
;;;                                                                                                callq *%rax
;;;                                                                                                jmp L0
;;;                                                                                                movq 8(%rsp), %rdi
;;;                                                                                            L4:
;;;                                                                                                movq 0x10(%rdi), %rcx
;;;   0x36   end                    block7:                                                        movq 0x58(%rcx), %rcx
;;;                                     jump block4                                                movl 0x10(%rcx, %rax), %eax
;;;                                 block3(v3: i64) cold:                                          jmp L1
;;;                                     v24 = load.i64 notrap readonly can_move region0 v0+16
;;;                                     v20 = load.i64 notrap region1 v24+88
;;;                                     v21 = iadd v20, v3
;;;                                     v22 = load.i32 notrap region3 v21+16
;;;                                     jump block2(v22)
;;;                                                                                            L5:
;;;                                                                                                ud2 ; trap: call stack exhausted
