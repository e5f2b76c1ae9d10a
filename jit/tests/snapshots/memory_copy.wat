;; compile
;; Copies: of a length that is known, and of any.
(module
  (memory 1)
  (func (param i32 i32)
    (memory.copy (local.get 0) (local.get 1) (i32.const 16)))
  (func (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2))))

;;; function 0:
;;;                                                                                 pushq %rbp
;;;                                                                                 movq %rsp, %rbp
;;;   0x25 local.get 0
;;;   0x27 local.get 1
;;;   0x29 i32.const 16
;;;   0x2b memory.copy   block0(v0: i64, v1: i32, v2: i32):                         movq (%rdi), %rdi
;;;                          v5 = load.i64 notrap readonly can_move region0 v0      movl %edx, %r8d
;;;                          v4 = uextend.i64 v2                                    movdqu (%rdi, %r8), %xmm7 ; trap: out of bounds memory access
;;;                          v6 = iadd v5, v4                                       movl %esi, %r8d
;;;                          v10 = load.i8x16 region2 v6                            movdqu %xmm7, (%rdi, %r8) ; trap: out of bounds memory access
;;;                          v7 = uextend.i64 v1
;;;                          v9 = iadd v5, v7
;;;                          store region2 v10, v9
;;;   0x2f end               return                                                 movq %rbp, %rsp
;;;                                                                                 popq %rbp
;;;                                                                                 retq
;;;
;;; function 1:
;;;                                                                                      pushq %rbp
;;;                                                                                      movq %rsp, %rbp
;;;                                                                                      movq 0x10(%rdi), %r10
;;;                                                                                      movq 0x30(%r10), %r10
;;;                                                                                      addq $0x40, %r10
;;;                                                                                      cmpq %rsp, %r10
;;;                                                                                      ja L1
;;;                                                                                      subq $0x30, %rsp
;;;   0x32 local.get 0
;;;   0x34 local.get 1
;;;   0x36 local.get 2
;;;   0x38 memory.copy  block0(v0: i64, v1: i32, v2: i32, v3: i32):                      movq 8(%rdi), %r8
;;;                         v9 = load.i64 notrap region2 v0+8                            movl %ecx, %eax
;;;                         v6 = uextend.i64 v3                                          cmpq %r8, %rax
;;;                         v10 = icmp ugt v6, v9                                        movq %rax, %r11
;;;                         v4 = uextend.i64 v1                                          seta %r10b
;;;                         v11 = isub v9, v6                                            movl %esi, %eax
;;;                         v12 = icmp ugt v4, v11                                       movq %r11, %rcx
;;;                         v13 = bor v10, v12                                           subq %rcx, %r8
;;;                         v5 = uextend.i64 v2                                          cmpq %r8, %rax
;;;                         v17 = icmp ugt v5, v11                                       seta %cl
;;;                         v18 = bor v10, v17                                           movq %r10, %r9
;;;                         v19 = bor v13, v18                                           orl %ecx, %r9d
;;;                         brif v19, block2, block3                                     movl %edx, %ecx
;;;                     block2 cold:                                                     cmpq %r8, %rcx
;;;                         v20 = stack_addr.i64 ss0                                     seta %dl
;;;                         store.i64 notrap region3 v4, v20                             orl %edx, %r10d
;;;                         store.i64 notrap region3 v5, v20+8                           orl %r10d, %r9d
;;;                         store.i64 notrap region3 v6, v20+16                          testb %r9b, %r9b
;;;                         v7 = iconst.i64 0                                            jne L0
;;;                         store notrap region3 v7, v20+24  ; v7 = 0                    movq 0x20(%rdi), %rdx
;;;                         store notrap region3 v7, v20+32  ; v7 = 0                    movq 0x100(%rdx), %r8
;;;                         v21 = load.i64 notrap region0 v0+32                          movq (%rdi), %rsi
;;;                         v22 = load.i64 notrap region0 v21                            leaq (%rsi, %rax), %rdi
;;;                         v23 = load.i64 notrap region0 v21+56                         addq %rcx, %rsi
;;;                         call_indirect sig0, v22(v0, v20, v23)                        movq %r11, %rdx
;;;                         jump block4                                                  callq *%r8
;;;                     block3:
;;;                         v28 = load.i64 notrap readonly can_move region0 v0+32
;;;                         v29 = load.i64 notrap readonly can_move region0 v28+256
;;;                         v24 = load.i64 notrap readonly can_move region0 v0
;;;                         v26 = iadd v24, v4
;;;                         v27 = iadd v24, v5
;;;                         call_indirect sig0, v29(v26, v27, v6)
;;;                         jump block4
;;;   0x3c end          block4:                                                          addq $0x30, %rsp
;;;                         return                                                       movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;   0x38 memory.copy                                                               L0:
;;;                                                                                      leaq (%rsp), %rsi
;;;                                                                                      movq %rax, (%rsp)
;;;                                                                                      movq %rcx, 8(%rsp)
;;;                                                                                      movq %r11, %rdx
;;;                                                                                      movq %rdx, 0x10(%rsp)
;;;                                                                                      movq $0, 0x18(%rsp)
;;;                                                                                      movq $0, 0x20(%rsp)
;;;                                                                                      movq 0x20(%rdi), %rax
;;;                                                                                      movq (%rax), %rcx
;;;                                                                                      movq 0x38(%rax), %rdx
;;;                                                                                      callq *%rcx
;;;   0x3c end                                                                           addq $0x30, %rsp
;;;                                                                                      movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;                                                                                  L1:
;;;                                                                                      ud2 ; trap: call stack exhausted
