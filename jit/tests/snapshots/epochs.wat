;; compile epochs
;; Where a guest looks at the epoch: on entry and at the start of loops.
(module
  (func (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

;;; function 0:
;;;                                                                  pushq %rbp
;;;                                                                  movq %rsp, %rbp
;;;                                                                  movq 0x10(%rdi), %r10
;;;                                                                  movq 0x30(%r10), %r10
;;;                                                                  addq $0x10, %r10
;;;                                                                  cmpq %rsp, %r10
;;;                                                                  ja L3
;;;   0x18 loop           block0(v0: i64, v1: i32):              L0:
;;;                           jump block3                            testl $0xfff, %esi
;;;                       block3:                                    je L2
;;;                           v9 = iconst.i32 4095
;;;                           jump block4(v1)
;;;                       block4(v8: i32):
;;;                           v15 = iconst.i32 4095
;;;                           v16 = band v8, v15  ; v15 = 4095
;;;                           brif v16, block7, block6
;;;                       block6 cold:
;;;                           call fn0(v0)
;;;                           jump block7
;;;                       block7:
;;;                           v17 = iconst.i32 1
;;;                           v18 = isub.i32 v8, v17  ; v17 = 1
;;;                                                              L1:
;;;                                                                  subl $1, %esi
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v12 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v18, block4(v18), block8          testl %esi, %esi
;;;                                                                  jne L0
;;;   0x25 end
;;;   0x26 end            block8:                                    movq %rbp, %rsp
;;;                           return                                 popq %rbp
;;;                                                                  retq
;;;   0x18 loop                                                  L2:
;;;                                                                  callq interrupt
;;;                                                                  jmp L1
;;;                                                              L3:
;;;                                                                  ud2 ; trap: call stack exhausted
