;; compile
;; The base of a memory is loaded before a loop, not in it.
(module
  (memory 1)
  (func (param $at i32) (param $end i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $again (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum)))

;;; function 0:
;;;                                                                                  pushq %rbp
;;;                                                                                  movq %rsp, %rbp
;;;   0x21 loop           block0(v0: i64, v1: i32, v2: i32):                         xorl %eax, %eax
;;;                           v3 = iconst.i32 0
;;;                           jump block2(v3, v1)  ; v3 = 0
;;;   0x23   local.get 2
;;;   0x25   local.get 0
;;;   0x27   i32.load         v8 = load.i64 notrap readonly can_move region0 v0      movq (%rdi), %rcx
;;;                       block2(v5: i32, v6: i32):                              L0:
;;;                           v7 = uextend.i64 v6                                    movl %esi, %edi
;;;                           v9 = iadd.i64 v8, v7                                   movl (%rcx, %rdi), %edi ; trap: out of bounds memory access
;;;                           v10 = load.i32 little region2 v9
;;;                           v17 = iconst.i32 4
;;;                           v18 = iadd v6, v17  ; v17 = 4
;;;                                                                                  addl $4, %esi
;;;   0x2a   i32.add          v11 = iadd v5, v10                                     addl %edi, %eax
;;;   0x2b   local.set 2
;;;   0x2d   local.get 0
;;;   0x2f   i32.const 4      v12 = iconst.i32 4
;;;   0x31   i32.add
;;;   0x32   local.set 0
;;;   0x34   local.get 0
;;;   0x36   local.get 1
;;;   0x38   i32.lt_u         v15 = icmp ult v18, v2
;;;   0x39   br_if 0          brif v15, block2(v11, v18), block4                     cmpl %edx, %esi
;;;                                                                                  jb L0
;;;   0x3b end
;;;   0x3c local.get 2
;;;   0x3e end            block4:                                                    movq %rbp, %rsp
;;;                           return v11                                             popq %rbp
;;;                                                                                  retq
