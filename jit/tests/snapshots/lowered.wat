;; compile lowered
;; What lowering makes of operators, before anything is optimised.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func (param i32)
    (if (i32.load (local.get 0))
      (then (global.set $g (i32.const 1))))))

;;; function 0:
;;;                                                                                   pushq %rbp
;;;                                                                                   movq %rsp, %rbp
;;;                                                                                   movq %rsi, %r8
;;;   0x25 local.get 0
;;;   0x27 i32.load        block0(v0: i64, v1: i32):                                  movq (%rdi), %rsi
;;;                            v2 = uextend.i64 v1                                    movl %r8d, %r8d
;;;                            v3 = load.i64 notrap readonly can_move region0 v0      movl (%rsi, %r8), %esi ; trap: out of bounds memory access
;;;                            v4 = iadd v3, v2
;;;                            v5 = load.i32 little region2 v4
;;;   0x2a if                  brif v5, block2, block3                                testl %esi, %esi
;;;                                                                                   je L0
;;;   0x2c   i32.const 1   block2:
;;;                            v6 = iconst.i32 1
;;;   0x2e   global.set 0      store notrap region3 v6, v0+64  ; v6 = 1               movl $1, 0x40(%rdi)
;;;   0x30 end                 jump block4
;;;                        block3:
;;;                            jump block4
;;;   0x31 end             block4:                                                L0:
;;;                            return                                                 movq %rbp, %rsp
;;;                                                                                   popq %rbp
;;;                                                                                   retq
