;; compile hardened
;; Behind each comparison with a bound a conditional move makes the index 0 if it is outside.
(module
  (memory i64 1)
  (table 10 20 funcref)
  (type $f (func (param i64) (result i32)))
  (func (type $f)
    (i32.load (local.get 0)))
  (func (param i32 i64) (result i32)
    (call_indirect (type $f) (local.get 1) (local.get 0))))

;;; function 0:
;;;                                                                                pushq %rbp
;;;                                                                                movq %rsp, %rbp
;;;   0x2c local.get 0
;;;   0x2e i32.load     block0(v0: i64, v1: i64):                                  cmpq L1(%rip), %rsi
;;;                         v3 = iconst.i64 0x0010_0000_0000                       jae L0
;;;                         v4 = icmp uge v1, v3  ; v3 = 0x0010_0000_0000          movq (%rdi), %r9
;;;                         trapnz v4, heap_oob                                    xorq %r10, %r10
;;;                         v7 = load.i64 notrap readonly can_move region0 v0      cmpq L1(%rip), %rsi
;;;                         v5 = iconst.i64 0                                      cmovaeq %r10, %rsi
;;;                         v6 = select_spectre_guard v4, v5, v1  ; v5 = 0         movl (%r9, %rsi), %eax ; trap: out of bounds memory access
;;;                         v8 = iadd v7, v6
;;;                         v9 = load.i32 little region2 v8
;;;   0x31 end              return v9                                              movq %rbp, %rsp
;;;                                                                                popq %rbp
;;;                                                                                retq
;;;   0x2e i32.load                                                            L0:
;;;                                                                                ud2 ; trap: out of bounds memory access
;;;                                                                                addb %al, (%rax)
;;;                                                                                addb %al, (%rax)
;;;                                                                                addb %al, (%rax)
;;;                                                                                addb %al, (%rax)
;;;                                                                            L1:
;;;                                                                                .byte 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00
;;;
;;; function 1:
;;;                                                                                               pushq %rbp
;;;                                                                                               movq %rsp, %rbp
;;;                                                                                               movq 0x10(%rdi), %r10
;;;                                                                                               movq 0x30(%r10), %r10
;;;                                                                                               addq $0x10, %r10
;;;                                                                                               cmpq %rsp, %r10
;;;                                                                                               ja L0
;;;   0x34 local.get 1
;;;   0x36 local.get 0
;;;   0x38 call_indirect (type 0)  block0(v0: i64, v1: i32, v2: i64):                             movl %esi, %r11d
;;;                                    v4 = uextend.i64 v1                                        cmpq $0xa, %r11
;;;                                    v5 = iconst.i64 10                                         jae L1
;;;                                    v6 = icmp uge v4, v5  ; v5 = 10                            movq 0x40(%rdi), %rcx
;;;                                    trapnz v6, UndefinedElement                                xorq %rax, %rax
;;;                                    v9 = load.i64 notrap readonly can_move region0 v0+64       cmpq $0xa, %r11
;;;                                    v7 = iconst.i64 0                                          cmovaeq %rax, %r11
;;;                                    v8 = select_spectre_guard v6, v7, v4  ; v7 = 0             movq (%rcx, %r11, 8), %rcx
;;;                                    v10 = iconst.i64 3                                         movl 0x18(%rcx), %esi ; trap: uninitialized element
;;;                                    v11 = ishl v8, v10  ; v10 = 3                              movq 0x28(%rdi), %r8
;;;                                    v12 = iadd v9, v11                                         movl (%r8), %r8d
;;;                                    v13 = load.i64 notrap region2 v12                          cmpl %r8d, %esi
;;;                                    v16 = load.i32 user5 readonly region3 v13+24               jne L2
;;;                                    v14 = load.i64 notrap readonly can_move region0 v0+40      cmpl %r8d, %esi
;;;                                    v15 = load.i32 notrap readonly can_move region0 v14        cmovneq %rax, %rcx
;;;                                    v17 = icmp ne v16, v15                                     movq 8(%rcx), %rax
;;;                                    trapnz v17, BadSignature                                   movq %rdx, %rsi
;;;                                    v19 = select_spectre_guard v17, v7, v13  ; v7 = 0          callq *%rax
;;;                                    v20 = load.i64 notrap region3 v19+8
;;;                                    v21 = call_indirect sig0, v20(v0, v2)
;;;   0x3b end                         return v21                                                 movq %rbp, %rsp
;;;                                                                                               popq %rbp
;;;                                                                                               retq
;;;                                                                                           L0:
;;;                                                                                               ud2 ; trap: call stack exhausted
;;;   0x38 call_indirect (type 0)                                                             L1:
;;;                                                                                               ud2 ; trap: undefined element
;;;                                                                                           L2:
;;;                                                                                               ud2 ; trap: indirect call type mismatch
