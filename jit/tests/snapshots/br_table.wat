;; compile
;; A choice by a table: the table is shown as what it is, and code behind it as code.
(module
  (func (param i32) (result i32)
    (block $a (block $b (block $c (block $d
      (br_table $a $b $c $b $d (local.get 0)))
      (return (i32.const 40)))
      (return (i32.mul (local.get 0) (i32.const 30))))
      (return (i32.const 20)))
    (i32.const 10)))

;;; function 0:
;;;                                                                                                   pushq %rbp
;;;                                                                                                   movq %rsp, %rbp
;;;   0x19 block
;;;   0x1b   block
;;;   0x1d     block
;;;   0x1f       block
;;;   0x21         local.get 0
;;;   0x23         br_table 3 2 1 2 0  block0(v0: i64, v1: i32):                                      movl $4, %r8d
;;;                                        br_table v1, block5, [block2, block3, block4, block3]      movl %esi, %r9d
;;;                                                                                                   cmpl %r8d, %r9d
;;;                                                                                                   cmovbl %r9d, %r8d
;;;                                                                                                   leaq L0(%rip), %rcx
;;;                                                                                                   movslq (%rcx, %r8, 4), %rax
;;;                                                                                                   addq %rax, %rcx
;;;                                                                                                   jmpq *%rcx
;;;                                                                                               L0:
;;;                                                                                                   .long L3
;;;                                                                                                   .long L2
;;;                                                                                                   .long L1
;;;                                                                                                   .long L2
;;;                                                                                                   .long L4
;;;   0x2a       end
;;;   0x2e     end
;;;   0x2f     local.get 0
;;;   0x31     i32.const 30            block4:
;;;                                        v4 = iconst.i32 30
;;;   0x35   end
;;;   0x36   i32.const 20              block3:                                                        movl $0x14, %eax
;;;                                        v6 = iconst.i32 20
;;;   0x38   return                        return v6  ; v6 = 20                                       movq %rbp, %rsp
;;;                                                                                                   popq %rbp
;;;                                                                                                   retq
;;;   0x33     i32.mul                     v5 = imul.i32 v1, v4  ; v4 = 30                        L1:
;;;                                                                                                   imull $0x1e, %esi, %eax
;;;   0x34     return                      return v5                                                  movq %rbp, %rsp
;;;                                                                                                   popq %rbp
;;;                                                                                                   retq
;;;   0x36   i32.const 20                                                                         L2:
;;;                                                                                                   movl $0x14, %eax
;;;   0x38   return                                                                                   movq %rbp, %rsp
;;;                                                                                                   popq %rbp
;;;                                                                                                   retq
;;;   0x39 end
;;;   0x3a i32.const 10                block2:                                                    L3:
;;;                                        v7 = iconst.i32 10                                         movl $0xa, %eax
;;;   0x3c end                             return v7  ; v7 = 10                                       movq %rbp, %rsp
;;;                                                                                                   popq %rbp
;;;                                                                                                   retq
;;;   0x2b       i32.const 40          block5:                                                    L4:
;;;                                        v3 = iconst.i32 40                                         movl $0x28, %eax
;;;   0x2d       return                    return v3  ; v3 = 40                                       movq %rbp, %rsp
;;;                                                                                                   popq %rbp
;;;                                                                                                   retq
