;; compile
;; A call through a table: bounds, null, type, then machine code or an adapter in a cold block.
(module
  (type $f (func (param i32) (result i32)))
  (table 4 8 funcref)
  (func (param i32 i32) (result i32)
    (call_indirect (type $f) (local.get 0) (local.get 1))))

;;; function 0:
;;;                                                                                               pushq %rbp
;;;                                                                                               movq %rsp, %rbp
;;;                                                                                               movq 0x10(%rdi), %r10
;;;                                                                                               movq 0x30(%r10), %r10
;;;                                                                                               addq $0x10, %r10
;;;                                                                                               cmpq %rsp, %r10
;;;                                                                                               ja L0
;;;   0x26 local.get 0
;;;   0x28 local.get 1
;;;   0x2a call_indirect (type 0)  block0(v0: i64, v1: i32, v2: i32):                             movl %edx, %r10d
;;;                                    v4 = uextend.i64 v2                                        cmpq $4, %r10
;;;                                    v5 = iconst.i64 4                                          jae L1
;;;                                    v6 = icmp uge v4, v5  ; v5 = 4                             movq 0x40(%rdi), %rax
;;;                                    trapnz v6, UndefinedElement                                movq (%rax, %r10, 8), %rax
;;;                                    v7 = load.i64 notrap readonly can_move region0 v0+64       movl 0x18(%rax), %ecx ; trap: uninitialized element
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
;;;   0x2d end                         return v17                                                 movq %rbp, %rsp
;;;                                                                                               popq %rbp
;;;                                                                                               retq
;;;                                                                                           L0:
;;;                                                                                               ud2 ; trap: call stack exhausted
;;;   0x2a call_indirect (type 0)                                                             L1:
;;;                                                                                               ud2 ; trap: undefined element
;;;                                                                                           L2:
;;;                                                                                               ud2 ; trap: indirect call type mismatch
