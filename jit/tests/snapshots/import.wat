;; compile
;; A body calls an imported function itself: its entry, or its machine code in a cold block. What is rare takes no register
;; of the loop.
(module
  (import "" "host" (func $host (param i32) (result i32)))
  (func (export "repeat") (param $n i32) (result i32)
    (local $state i32)
    (loop $again
      (local.set $state (call $host (local.get $state)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state)))

;;; function 1:
;;;                                                                                      pushq %rbp
;;;                                                                                      movq %rsp, %rbp
;;;                                                                                      movq 0x10(%rdi), %r10
;;;                                                                                      movq 0x30(%r10), %r10
;;;                                                                                      addq $0x60, %r10
;;;                                                                                      cmpq %rsp, %r10
;;;                                                                                      ja L5
;;;                                                                                      subq $0x50, %rsp
;;;                                                                                      movq %rbx, 0x20(%rsp)
;;;                                                                                      movq %r12, 0x28(%rsp)
;;;                                                                                      movq %r13, 0x30(%rsp)
;;;                                                                                      movq %r14, 0x38(%rsp)
;;;                                                                                      movq %r15, 0x40(%rsp)
;;;                                                                                      movq %rsi, 8(%rsp)
;;;   0x32 loop           block0(v0: i64, v1: i32):                                      xorl %esi, %esi
;;;                           v2 = iconst.i32 0
;;;                           jump block2(v2, v1)  ; v2 = 0
;;;   0x34   local.get 1
;;;   0x36   call 0           v5 = load.i64 notrap readonly can_move region0 v0+64       movq 0x40(%rdi), %rbx
;;;                           v10 = load.i64 notrap readonly can_move region0 v0+16      movq 0x10(%rdi), %r15
;;;                           v12 = get_frame_pointer.i64                                movq %r15, 0x10(%rsp)
;;;                           v13 = get_stack_pointer.i64                                movq %rbp, %r13
;;;                           v19 = stack_addr.i64 ss0                                   movq %rsp, %r14
;;;                       block2(v4: i32, v26: i32):                                     leaq (%rsp), %r15
;;;                           v6 = load.i64 notrap region2 v5+8                      L0:
;;;                           brif v6, block4, block5                                    movq 8(%rbx), %rax
;;;                       block4 cold:                                                   testq %rax, %rax
;;;                           v8 = load.i64 notrap region2 v5+16                         jne L4
;;;                           v9 = call_indirect.i64 sig0, v6(v8, v4)
;;;                           jump block6(v9)
;;;                       block5:
;;;                           v11 = load.i64 notrap region1 v10+64
;;;                           store.i64 notrap region1 v12, v11+16
;;;                           store.i64 notrap region1 v13, v11+24
;;;                           v14 = load.i64 notrap region2 v5
;;;                           v15 = load.i64 notrap region2 v14+24
;;;                           v16 = uextend.i64 v4
;;;                           v17, v18 = call_indirect sig1, v15(v5, v0, v16)
;;;                           brif v18, block7, block8
;;;                       block7 cold:
;;;                           v20 = load.i64 notrap region0 v0+32
;;;                           v21 = load.i64 notrap region0 v20
;;;                           v22 = load.i64 notrap region0 v20+16
;;;                           call_indirect sig2, v21(v0, v19, v22)
;;;                           v23 = load.i32 notrap region3 v19
;;;                           jump block6(v23)
;;;                       block8:
;;;                           v24 = ireduce.i32 v17
;;;                           jump block6(v24)
;;;                       block6(v7: i32):
;;;                           v29 = iconst.i32 1
;;;                           v30 = isub.i32 v26, v29  ; v29 = 1
;;;                                                                                      movq 0x10(%rsp), %rcx
;;;   0x36   call 0                                                                      movq 0x40(%rcx), %rax
;;;                                                                                      movq %r13, 0x10(%rax)
;;;                                                                                      movq %r14, 0x18(%rax)
;;;                                                                                      movq (%rbx), %rax
;;;                                                                                      movq 0x18(%rax), %rax
;;;                                                                                      movl %esi, %edx
;;;                                                                                      movq %rdi, %r12
;;;                                                                                      movq %r12, %rsi
;;;                                                                                      movq %rbx, %rdi
;;;                                                                                      callq *%rax
;;;                                                                                      testl %edx, %edx
;;;                                                                                      jne L3
;;;                                                                                      movq 8(%rsp), %rsi
;;;                                                                                  L1:
;;;                                                                                      subl $1, %esi
;;;   0x38   local.set 1
;;;   0x3a   local.get 0
;;;   0x3c   i32.const 1      v27 = iconst.i32 1
;;;   0x3e   i32.sub
;;;   0x3f   local.tee 0
;;;   0x41   br_if 0          brif v30, block2(v7, v30), block9                          testl %esi, %esi
;;;                                                                                      je L2
;;;                                                                                      movq %rsi, 8(%rsp)
;;;                                                                                      movq %r12, %rdi
;;;                                                                                      movq %rax, %rsi
;;;                                                                                      jmp L0
;;;   0x43 end
;;;   0x44 local.get 1
;;;   0x46 end            block9:                                                    L2:
;;;                           return v7                                                  movq 0x20(%rsp), %rbx
;;;                                                                                      movq 0x28(%rsp), %r12
;;;                                                                                      movq 0x30(%rsp), %r13
;;;                                                                                      movq 0x38(%rsp), %r14
;;;                                                                                      movq 0x40(%rsp), %r15
;;;                                                                                      addq $0x50, %rsp
;;;                                                                                      movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;   0x36   call 0                                                                  L3:
;;;                                                                                      movq 0x20(%r12), %rax
;;;                                                                                      movq (%rax), %rcx
;;;                                                                                      movq 0x10(%rax), %rdx
;;;                                                                                      movq %r15, %rsi
;;;                                                                                      movq %r12, %rdi
;;;                                                                                      callq *%rcx
;;;                                                                                      movl (%rsp), %eax
;;;                                                                                      movq 8(%rsp), %rsi
;;;                                                                                      jmp L1
;;;                                                                                  L4:
;;;                                                                                      movq %rdi, %r12
;;;   0x36   call 0                                                                      movq 0x10(%rbx), %rdi
;;;                                                                                      callq *%rax
;;;                                                                                      movq 8(%rsp), %rsi
;;;                                                                                      jmp L1
;;;                                                                                  L5:
;;;                                                                                      ud2 ; trap: call stack exhausted
