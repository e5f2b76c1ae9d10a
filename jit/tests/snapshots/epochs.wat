;; compile epochs
;; Where a guest looks at the epoch: on entry and at the start of loops.
(module
  (func (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

;;; function 0:
;;;                                                                                   pushq %rbp
;;;                                                                                   movq %rsp, %rbp
;;;                                                                                   leaq -0x10(%rsp), %r10
;;;                                                                                   cmpq %r10, %gs:8
;;;                                                                                   ja L3
;;;   0x18 loop           block0(v0: i64, v1: i32):                               L0:
;;;                           jump block3                                             cmpb $0, %gs:0
;;;                       block3:                                                     jne L2
;;;                           v2 = stack_addr.i64 ss0
;;;                           jump block4(v1)
;;;                       block4(v7: i32):
;;;                           <0> @0018                           sequence_point
;;;                           v5 = load.i64 notrap region2 v2
;;;                           brif v5, block5, block6
;;;                       block5 cold:
;;;                           call fn0(v0)
;;;                           jump block6
;;;                       block6:
;;;                           v11 = iconst.i32 1
;;;                           v12 = isub.i32 v7, v11  ; v11 = 1
;;;                                                                               L1:
;;;                                                                                   subl $1, %esi
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v8 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v12, block4(v12), block8                           testl %esi, %esi
;;;                                                                                   jne L0
;;;   0x25 end
;;;   0x26 end            block8:                                                     movq %rbp, %rsp
;;;                           return                                                  popq %rbp
;;;                                                                                   retq
;;;   0x18 loop                                                                   L2:
;;;                                                                                   callq interrupt
;;;                                                                                   jmp L1
;;;                                                                               L3:
;;;                                                                                   ud2 ; trap: call stack exhausted
