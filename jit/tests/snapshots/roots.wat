;; compile
;; A reference that is alive across a call is in memory meanwhile, where a collection finds and changes it.
(module
  (import "" "f" (func $f))
  (type $s (struct (field i32)))
  (func (param (ref $s)) (result i32)
    (call $f)
    (struct.get $s 0 (local.get 0))))

;;; function 1:
;;;                        block0(v0: i64, v1: i64):                                        pushq %rbp
;;;                            v27 = stack_addr.i64 ss1                                     movq %rsp, %rbp
;;;                            store notrap aligned region4 v1, v27                         movq 0x10(%rdi), %r10
;;;                                                                                         movq 0x30(%r10), %r10
;;;                                                                                         addq $0x30, %r10
;;;                                                                                         cmpq %rsp, %r10
;;;                                                                                         ja L3
;;;                                                                                         subq $0x20, %rsp
;;;                                                                                         movq %rbx, 0x10(%rsp)
;;;                                                                                         movq %rsi, 8(%rsp)
;;;   0x29 call 0              v3 = load.i64 notrap readonly can_move region0 v0+64         movq 0x40(%rdi), %rax
;;;                            v4 = load.i64 notrap region2 v3+8                            movq %rax, %rcx
;;;                            brif v4, block2, block3                                      movq 8(%rcx), %rax
;;;                        block2 cold:                                                     movq %rcx, %rdx
;;;                            v5 = load.i64 notrap region2 v3+16                           testq %rax, %rax
;;;                            call_indirect.i64 sig0, v4(v5), stack_map=[i64 @ ss1+0]      jne L2
;;;                            jump block4                                                  movq 0x10(%rdi), %rax
;;;                        block3:                                                          movq %rdi, %rbx
;;;                            v6 = load.i64 notrap readonly can_move region0 v0+16         movq 0x40(%rax), %rax
;;;                            v7 = load.i64 notrap region1 v6+64                           movq %rbp, %rcx
;;;                            v8 = get_frame_pointer.i64                                   movq %rcx, 0x10(%rax)
;;;                            store notrap region1 v8, v7+16                               movq %rsp, %rcx
;;;                            v9 = get_stack_pointer.i64                                   movq %rcx, 0x18(%rax)
;;;                            store notrap region1 v9, v7+24                               movq %rdx, %rdi
;;;                            v10 = load.i64 notrap region2 v3                             movq (%rdi), %rax
;;;                            v11 = load.i64 notrap region2 v10+24                         movq 0x18(%rax), %rax
;;;                            v12, v13 = call_indirect sig1, v11(v3, v0), stack_map=[i64 @ ss1+0]      movq %rbx, %rsi
;;;                            brif v13, block5, block6                                     callq *%rax
;;;                        block5 cold:                                                     testl %edx, %edx
;;;                            v15 = load.i64 notrap region0 v0+32                          jne L1
;;;                            v16 = load.i64 notrap region0 v15
;;;                            v17 = load.i64 notrap region0 v15+16
;;;                            v14 = stack_addr.i64 ss0
;;;                            call_indirect sig2, v16(v0, v14, v17), stack_map=[i64 @ ss1+0]
;;;                            jump block4
;;;                        block6:
;;;                            jump block4
;;;                        block4:
;;;                            v26 = load.i64 notrap aligned region4 v27
;;;                                                                                     L0:
;;;                                                                                         movq 8(%rsp), %rax
;;;   0x2b local.get 0
;;;   0x2d struct.get 0 0      trapz v26, NullStructReference                               testq %rax, %rax
;;;                            v28 = load.i64 notrap readonly can_move region0 v0+16        je L4
;;;                            v20 = load.i64 notrap region1 v28+88
;;;                            v21 = iadd v20, v26
;;;                            v22 = load.i32 notrap region3 v21+8
;;;                                                                                         movq 0x10(%rbx), %rcx
;;;   0x2d struct.get 0 0                                                                   movq 0x58(%rcx), %rcx
;;;                                                                                         movl 8(%rcx, %rax), %eax
;;;   0x31 end                 return v22                                                   movq 0x10(%rsp), %rbx
;;;                                                                                         addq $0x20, %rsp
;;;                                                                                         movq %rbp, %rsp
;;;                                                                                         popq %rbp
;;;                                                                                         retq
;;;   0x29 call 0                                                                       L1:
;;;                                                                                         movq 0x20(%rbx), %rcx
;;;                                                                                         movq (%rcx), %rax
;;;                                                                                         movq 0x10(%rcx), %rdx
;;;                                                                                         leaq (%rsp), %rsi
;;;                                                                                         movq %rbx, %rdi
;;;                                                                                         callq *%rax
;;;                                                                                         jmp L0
;;;                                                                                     L2:
;;;                                                                                         movq %rdi, %rbx
;;;                                                                                         movq %rdx, %rdi
;;;   0x29 call 0                                                                           movq 0x10(%rdi), %rdi
;;;                                                                                         callq *%rax
;;;                                                                                         jmp L0
;;;                                                                                     L3:
;;;                                                                                         ud2 ; trap: call stack exhausted
;;;   0x2d struct.get 0 0                                                               L4:
;;;                                                                                         ud2 ; trap: null structure reference
