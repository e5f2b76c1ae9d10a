;; compile
;; Nobody changes the table or the global: the length is a constant, and so is the global; who is called is compiled and of the same
;; instance.
(module
  (type $t (func (param i32) (result i32)))
  (table $private 2 funcref)
  (global $scale (mut i32) (i32.const 12))
  (elem (table $private) (i32.const 0) func $f)
  (func $f (type $t) (i32.mul (local.get 0) (global.get $scale)))
  (func (export "call") (param i32 i32) (result i32)
    (call_indirect $private (type $t) (local.get 0) (local.get 1))))

;;; function 0:
;;;                                                           pushq %rbp
;;;                                                           movq %rsp, %rbp
;;;   0x43 local.get 0
;;;   0x45 global.get 0  block0(v0: i64, v1: i32):
;;;                          v3 = iconst.i32 12
;;;   0x47 i32.mul           v4 = imul v1, v3  ; v3 = 12      imull $0xc, %esi, %eax
;;;   0x48 end               return v4                        movq %rbp, %rsp
;;;                                                           popq %rbp
;;;                                                           retq
;;;
;;; function 1:
;;;                                                                                               pushq %rbp
;;;                                                                                               movq %rsp, %rbp
;;;                                                                                               movq 0x10(%rdi), %r10
;;;                                                                                               movq 0x30(%r10), %r10
;;;                                                                                               addq $0x10, %r10
;;;                                                                                               cmpq %rsp, %r10
;;;                                                                                               ja L0
;;;   0x4b local.get 0
;;;   0x4d local.get 1
;;;   0x4f call_indirect (type 0)  block0(v0: i64, v1: i32, v2: i32):                             movl %edx, %r10d
;;;                                    v4 = uextend.i64 v2                                        cmpq $2, %r10
;;;                                    v5 = iconst.i64 2                                          jae L1
;;;                                    v6 = icmp uge v4, v5  ; v5 = 2                             movq 0x50(%rdi), %rax
;;;                                    trapnz v6, UndefinedElement                                movq (%rax, %r10, 8), %rax
;;;                                    v7 = load.i64 notrap readonly can_move region0 v0+80       movl 0x18(%rax), %ecx ; trap: uninitialized element
;;;                                    v8 = iconst.i64 3                                          movq 0x28(%rdi), %rdx
;;;                                    v9 = ishl v4, v8  ; v8 = 3                                 cmpl (%rdx), %ecx
;;;                                    v10 = iadd v7, v9                                          jne L2
;;;                                    v11 = load.i64 notrap region2 v10                          movq 8(%rax), %rax
;;;                                    v14 = load.i32 user5 readonly region3 v11+24               callq *%rax
;;;                                    v12 = load.i64 notrap readonly can_move region0 v0+40
;;;                                    v13 = load.i32 notrap readonly can_move region0 v12
;;;                                    v15 = icmp ne v14, v13
;;;                                    trapnz v15, BadSignature
;;;                                    v16 = load.i64 notrap region3 v11+8
;;;                                    v17 = call_indirect sig0, v16(v0, v1)
;;;   0x52 end                         return v17                                                 movq %rbp, %rsp
;;;                                                                                               popq %rbp
;;;                                                                                               retq
;;;                                                                                           L0:
;;;                                                                                               ud2 ; trap: call stack exhausted
;;;   0x4f call_indirect (type 0)                                                             L1:
;;;                                                                                               ud2 ; trap: undefined element
;;;                                                                                           L2:
;;;                                                                                               ud2 ; trap: indirect call type mismatch
