;; compile fuel
;; Where a guest pays: at the start of each straight piece of code.
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
;;;                                                                                       addq $0x30, %r10
;;;                                                                                       cmpq %rsp, %r10
;;;                                                                                       ja L3
;;;                                                                                       subq $0x20, %rsp
;;;                                                                                       movq %rbx, 0x10(%rsp)
;;;   0x18 loop           block0(v0: i64, v1: i32):                                       movq 0x10(%rdi), %rbx
;;;                           v2 = load.i64 notrap readonly can_move region0 v0+16        movq (%rbx), %rax
;;;                           v3 = load.i64 notrap region1 v2                             movq %rax, %rcx
;;;                           v5 = iconst.i64 1                                           subq $1, %rcx
;;;                           v6 = isub v3, v5  ; v5 = 1                                  movq %rcx, (%rbx)
;;;                           store notrap region1 v6, v2                                 testq %rcx, %rcx
;;;                           v7 = iconst.i64 0                                           jl L2
;;;                           v8 = icmp slt v6, v7  ; v7 = 0
;;;                           brif v8, block2, block3
;;;                       block2 cold:
;;;                           v37 = load.i64 notrap readonly can_move region0 v0+32
;;;                           v38 = load.i64 notrap readonly can_move region0 v37
;;;                           v39 = stack_addr.i64 ss0
;;;                           v40 = load.i64 notrap readonly can_move region0 v37+32
;;;                           call_indirect sig0, v38(v0, v39, v40)
;;;                           v14 = load.i64 notrap region1 v2
;;;                           trap OutOfFuel
;;;                       block3:
;;;                           v30 = isub.i64 v3, v5  ; v5 = 1
;;;                           v17 = iconst.i64 8
;;;                           jump block4(v30, v1)
;;;                       block4(v16: i64, v27: i32):
;;;                           v31 = iconst.i64 8
;;;                           v32 = isub v16, v31  ; v31 = 8
;;;                           store notrap region1 v32, v2
;;;                           v33 = iconst.i64 0
;;;                           v34 = icmp slt v32, v33  ; v33 = 0
;;;                           brif v34, block6, block7
;;;                       block6 cold:
;;;                           v22 = load.i64 notrap readonly can_move region0 v0+32
;;;                           v23 = load.i64 notrap readonly can_move region0 v22
;;;                           v21 = stack_addr.i64 ss0
;;;                           v24 = load.i64 notrap readonly can_move region0 v22+32
;;;                           call_indirect sig0, v23(v0, v21, v24)
;;;                           v26 = load.i64 notrap region1 v2
;;;                           trap OutOfFuel
;;;                       block7:
;;;                           v35 = iconst.i32 1
;;;                           v36 = isub.i32 v27, v35  ; v35 = 1
;;;                                                                                       subq $1, %rax
;;;                                                                                   L0:
;;;                                                                                       subq $8, %rax
;;;   0x18 loop                                                                           movq %rax, (%rbx)
;;;                                                                                       testq %rax, %rax
;;;                                                                                       jl L1
;;;                                                                                       subl $1, %esi
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v28 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v36, block4(v32, v36), block8                          testl %esi, %esi
;;;                                                                                       jne L0
;;;   0x25 end
;;;   0x26 end            block8:                                                         movq 0x10(%rsp), %rbx
;;;                           return                                                      addq $0x20, %rsp
;;;                                                                                       movq %rbp, %rsp
;;;                                                                                       popq %rbp
;;;                                                                                       retq
;;;   0x18 loop                                                                       L1:
;;;                                                                                       movq 0x20(%rdi), %rax
;;;                                                                                       movq (%rax), %rcx
;;;                                                                                       leaq (%rsp), %rsi
;;;                                                                                       movq 0x20(%rax), %rdx
;;;                                                                                       callq *%rcx
;;;                                                                                       movq (%rbx), %rax
;;;                                                                                       ud2 ; trap: all fuel consumed by WebAssembly
;;;                                                                                   L2:
;;;                                                                                       movq 0x20(%rdi), %rax
;;;                                                                                       movq (%rax), %rcx
;;;                                                                                       leaq (%rsp), %rsi
;;;                                                                                       movq 0x20(%rax), %rdx
;;;   0x18 loop                                                                           callq *%rcx
;;;                                                                                       movq (%rbx), %rax
;;;                                                                                       ud2 ; trap: all fuel consumed by WebAssembly
;;;                                                                                   L3:
;;;                                                                                       ud2 ; trap: call stack exhausted
