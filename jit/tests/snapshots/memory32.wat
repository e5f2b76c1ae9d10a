;; compile
;; An access to a memory with 32-bit addresses is not checked: the processor does it.
(module
  (memory 1)
  (func (param i32) (result i32)
    (i32.load offset=8 (local.get 0)))
  (func (param i32 f64)
    (f64.store (local.get 0) (local.get 1))))

;;; function 0:
;;;                                                                                      pushq %rbp
;;;                                                                                      movq %rsp, %rbp
;;;                                                                                      movq %rsi, %r8
;;;   0x24 local.get 0
;;;   0x26 i32.load offset=8  block0(v0: i64, v1: i32):                                  movq (%rdi), %rsi
;;;                               v4 = load.i64 notrap readonly can_move region0 v0      movq %r8, %rdi
;;;                               v3 = uextend.i64 v1                                    movl %edi, %edi
;;;                               v5 = iadd v4, v3                                       movl 8(%rsi, %rdi), %eax ; trap: out of bounds memory access
;;;                               v6 = load.i32 little region2 v5+8
;;;   0x29 end                    return v6                                              movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;
;;; function 1:
;;;                                                                                pushq %rbp
;;;                                                                                movq %rsp, %rbp
;;;                                                                                movq %rsi, %r8
;;;   0x2c local.get 0
;;;   0x2e local.get 1
;;;   0x30 f64.store    block0(v0: i64, v1: i32, v2: f64):                         movq (%rdi), %rsi
;;;                         v4 = load.i64 notrap readonly can_move region0 v0      movq %r8, %rdi
;;;                         v3 = uextend.i64 v1                                    movl %edi, %edi
;;;                         v5 = iadd v4, v3                                       movsd %xmm0, (%rsi, %rdi) ; trap: out of bounds memory access
;;;                         store little region2 v2, v5
;;;   0x33 end              return                                                 movq %rbp, %rsp
;;;                                                                                popq %rbp
;;;                                                                                retq
