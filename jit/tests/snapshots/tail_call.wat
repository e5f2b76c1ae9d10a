;; compile
;; A tail call is a jump.
(module
  (func $even (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 1))
      (else (return_call $odd (i32.sub (local.get 0) (i32.const 1))))))
  (func $odd (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else (return_call $even (i32.sub (local.get 0) (i32.const 1)))))))

;;; function 0:
;;;                                                                 pushq %rbp
;;;                                                                 movq %rsp, %rbp
;;;                                                                 movq 0x10(%rdi), %r10
;;;                                                                 movq 0x30(%r10), %r10
;;;                                                                 addq $0x10, %r10
;;;                                                                 cmpq %rsp, %r10
;;;                                                                 ja L1
;;;   0x1a local.get 0
;;;   0x1c i32.eqz          block0(v0: i64, v1: i32):
;;;                             v3 = iconst.i32 0
;;;                             v4 = icmp eq v1, v3  ; v3 = 0
;;;   0x1d if (result i32)      brif v4, block2, block3             testl %esi, %esi
;;;                                                                 je L0
;;;   0x1f   i32.const 1
;;;   0x21 else             block2:
;;;                             jump block4
;;;   0x22   local.get 0
;;;   0x24   i32.const 1    block3:
;;;                             v8 = iconst.i32 1
;;;   0x26   i32.sub            v9 = isub.i32 v1, v8  ; v8 = 1      subl $1, %esi
;;;   0x27   return_call 1      return_call fn0(v0, v9)             movq %rbp, %rsp
;;;                         block4:                                 popq %rbp
;;;                             v10 = iconst.i32 1                  jmp function 1 `odd`
;;;                                                             L0:
;;;                                                                 movl $1, %eax
;;;   0x29 end
;;;   0x2a end                  return v10  ; v10 = 1               movq %rbp, %rsp
;;;                                                                 popq %rbp
;;;                                                                 retq
;;;                                                             L1:
;;;                                                                 ud2 ; trap: call stack exhausted
;;;
;;; function 1:
;;;                                                                 pushq %rbp
;;;                                                                 movq %rsp, %rbp
;;;                                                                 movq 0x10(%rdi), %r10
;;;                                                                 movq 0x30(%r10), %r10
;;;                                                                 addq $0x10, %r10
;;;                                                                 cmpq %rsp, %r10
;;;                                                                 ja L1
;;;   0x2d local.get 0
;;;   0x2f i32.eqz          block0(v0: i64, v1: i32):
;;;                             v3 = iconst.i32 0
;;;                             v4 = icmp eq v1, v3  ; v3 = 0
;;;   0x30 if (result i32)      brif v4, block2, block3             testl %esi, %esi
;;;                                                                 je L0
;;;   0x32   i32.const 0
;;;   0x34 else             block2:
;;;                             jump block4
;;;   0x35   local.get 0
;;;   0x37   i32.const 1    block3:
;;;                             v8 = iconst.i32 1
;;;   0x39   i32.sub            v9 = isub.i32 v1, v8  ; v8 = 1      subl $1, %esi
;;;   0x3a   return_call 0      return_call fn0(v0, v9)             movq %rbp, %rsp
;;;                         block4:                                 popq %rbp
;;;                             v10 = iconst.i32 0                  jmp function 0 `even`
;;;                                                             L0:
;;;                                                                 xorl %eax, %eax
;;;   0x3c end
;;;   0x3d end                  return v10  ; v10 = 0               movq %rbp, %rsp
;;;                                                                 popq %rbp
;;;                                                                 retq
;;;                                                             L1:
;;;                                                                 ud2 ; trap: call stack exhausted
