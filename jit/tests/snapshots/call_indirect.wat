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
;;;                                                                                               ja L2
;;;   0x26 local.get 0
;;;   0x28 local.get 1
;;;   0x2a call_indirect (type 0)  block0(v0: i64, v1: i32, v2: i32):                             movl %edx, %eax
;;;                                    v5 = load.i64 notrap region2 v0+72                         cmpq 0x48(%rdi), %rax
;;;                                    v4 = uextend.i64 v2                                        jae L3
;;;                                    v6 = icmp uge v4, v5                                       movq 0x40(%rdi), %rcx
;;;                                    trapnz v6, UndefinedElement                                movq (%rcx, %rax, 8), %rax
;;;                                    v7 = load.i64 notrap region2 v0+64                         movl 0x18(%rax), %ecx ; trap: uninitialized element
;;;                                    v8 = iconst.i64 3                                          movq 0x28(%rdi), %rdx
;;;                                    v9 = ishl v4, v8  ; v8 = 3                                 cmpl (%rdx), %ecx
;;;                                    v10 = iadd v7, v9                                          jne L4
;;;                                    v11 = load.i64 notrap region3 v10                          movq 8(%rax), %rcx
;;;                                    v14 = load.i32 user5 readonly region4 v11+24               movq 0x10(%rax), %rdx
;;;                                    v12 = load.i64 notrap readonly can_move region0 v0+40      testq %rcx, %rcx
;;;                                    v13 = load.i32 notrap readonly can_move region0 v12        je L1
;;;                                    v15 = icmp ne v14, v13
;;;                                    trapnz v15, BadSignature
;;;                                    v16 = load.i64 notrap region4 v11+8
;;;                                    v17 = load.i64 notrap region4 v11+16
;;;                                    brif v16, block3(v16, v17), block2
;;;                                block2 cold:
;;;                                    store.i64 notrap region2 v11, v0+48
;;;                                    v20 = func_addr.i64 fn0
;;;                                    jump block3(v20, v0)
;;;                                block3(v18: i64, v19: i64):
;;;                                    v21 = call_indirect sig0, v18(v19, v1)
;;;                                                                                               movq %rdx, %rdi
;;;   0x2a call_indirect (type 0)                                                             L0:
;;;                                                                                               callq *%rcx
;;;   0x2d end                         return v21                                                 movq %rbp, %rsp
;;;                                                                                               popq %rbp
;;;                                                                                               retq
;;;   0x2a call_indirect (type 0)                                                             L1:
;;;                                                                                               movq %rax, 0x30(%rdi)
;;;                                                                                               leaq adapter 0(%rip), %rcx
;;;                                                                                               jmp L0
;;;                                                                                           L2:
;;;                                                                                               ud2 ; trap: call stack exhausted
;;;   0x2a call_indirect (type 0)                                                             L3:
;;;                                                                                               ud2 ; trap: undefined element
;;;                                                                                           L4:
;;;                                                                                               ud2 ; trap: indirect call type mismatch
