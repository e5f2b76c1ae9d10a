;; compile epochs
;; Where a guest looks at the epoch: on entry and at the start of loops.
(module
  (func (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

;;; function 0:
;;;                                                                                     pushq %rbp
;;;                                                                                     movq %rsp, %rbp
;;;                                                                                     movq 0x10(%rdi), %r10
;;;                                                                                     movq 0x30(%r10), %r10
;;;                                                                                     addq $0x10, %r10
;;;                                                                                     cmpq %rsp, %r10
;;;                                                                                     ja L3
;;;   0x18 loop           block0(v0: i64, v1: i32):                                     movq 0x10(%rdi), %rax
;;;                           jump block3                                               movq 0x10(%rax), %r8
;;;                       block3:                                                       movq 8(%rax), %rcx
;;;                           v2 = load.i64 notrap readonly can_move region0 v0+16  L0:
;;;                           v9 = load.i64 notrap region1 v2+16                        movq (%rcx), %rdx
;;;                           v5 = load.i64 notrap readonly can_move region0 v2+8       cmpq %rdx, %r8
;;;                           jump block4(v9, v1)                                       jbe L2
;;;                       block4(v10: i64, v18: i32):
;;;                           v13 = load.i64 notrap region1 v5
;;;                           v14 = icmp ule v10, v13
;;;                           brif v14, block6, block7(v10)
;;;                       block6 cold:
;;;                           call fn0(v0)
;;;                           v16 = load.i64 notrap region1 v2+16
;;;                           jump block7(v16)
;;;                       block7(v21: i64):
;;;                           v23 = iconst.i32 1
;;;                           v24 = isub.i32 v18, v23  ; v23 = 1
;;;                                                                                 L1:
;;;                                                                                     subl $1, %esi
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v19 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v24, block4(v21, v24), block8                        testl %esi, %esi
;;;                                                                                     jne L0
;;;   0x25 end
;;;   0x26 end            block8:                                                       movq %rbp, %rsp
;;;                           return                                                    popq %rbp
;;;                                                                                     retq
;;;   0x18 loop                                                                     L2:
;;;                                                                                     callq interrupt
;;;                                                                                     movq 0x10(%rax), %r8
;;;                                                                                     jmp L1
;;;                                                                                 L3:
;;;                                                                                     ud2 ; trap: call stack exhausted
