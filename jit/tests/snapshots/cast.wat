;; compile
;; Whether an object is of a type that others may extend is seen in the display of its own type.
(module
  (type $root (sub (struct (field i32))))
  (type $middle (sub $root (struct (field i32))))
  (type $leaf (sub final $middle (struct (field i32))))
  (func (export "middle") (param (ref null $root)) (result i32)
    (ref.test (ref $middle) (local.get 0)))
  (func (export "leaf") (param (ref null $root)) (result i32)
    (struct.get $leaf 0 (ref.cast (ref $leaf) (local.get 0)))))

;;; function 0:
;;;                                                                                          pushq %rbp
;;;                                                                                          movq %rsp, %rbp
;;;                                                                                          movq 0x10(%rdi), %r10
;;;                                                                                          movq 0x30(%r10), %r10
;;;                                                                                          addq $0x30, %r10
;;;                                                                                          cmpq %rsp, %r10
;;;                                                                                          ja L3
;;;                                                                                          subq $0x20, %rsp
;;;   0x42 local.get 0
;;;   0x44 ref.test (ref 1)  block0(v0: i64, v1: i64):                                       testq %rsi, %rsi
;;;                              brif v1, block5, block3                                     je L1
;;;                          block5:                                                         testq $1, %rsi
;;;                              v4 = iconst.i64 1                                           jne L1
;;;                              v5 = band.i64 v1, v4  ; v4 = 1                              movq 0x10(%rdi), %rax
;;;                              brif v5, block3, block6                                     movq 0x58(%rax), %rcx
;;;                          block6:                                                         movl (%rcx, %rsi), %ecx
;;;                              v6 = load.i64 notrap readonly can_move region0 v0+16        cmpl $0x8000, %ecx
;;;                              v7 = load.i64 notrap region1 v6+88                          jae L2
;;;                              v8 = iadd v7, v1                                            movq 0xa0(%rax), %rax
;;;                              v9 = load.i32 notrap region2 v8                             movl %ecx, %ecx
;;;                              v12 = iconst.i32 0x8000                                     shlq $5, %rcx
;;;                              v13 = icmp ult v9, v12  ; v12 = 0x8000                      movl 4(%rax, %rcx), %eax
;;;                              brif v13, block8, block7
;;;                          block8:
;;;                              v15 = load.i64 notrap readonly can_move region0 v6+160
;;;                              v16 = uextend.i64 v9
;;;                              v17 = iconst.i64 5
;;;                              v18 = ishl v16, v17  ; v17 = 5
;;;                              v19 = iadd v15, v18
;;;                              v20 = load.i32 notrap region0 v19+4
;;;                              v36 = load.i64 notrap readonly can_move region0 v0+40
;;;                              v37 = load.i32 notrap readonly can_move region0 v36+4
;;;                              v21 = icmp eq v20, v37
;;;                              brif v21, block2, block3
;;;                          block7 cold:
;;;                              v29 = stack_addr.i64 ss0
;;;                              store.i64 notrap region3 v1, v29
;;;                              v10 = load.i64 notrap readonly can_move region0 v0+40
;;;                              v11 = load.i32 notrap readonly can_move region0 v10+4
;;;                              v24 = uextend.i64 v11
;;;                              v25 = iconst.i64 32
;;;                              v26 = ishl v24, v25  ; v25 = 32
;;;                              v27 = iconst.i64 14
;;;                              v28 = bor v26, v27  ; v27 = 14
;;;                              store notrap region3 v28, v29+8
;;;                              v30 = load.i64 notrap region0 v0+32
;;;                              v31 = load.i64 notrap region0 v30
;;;                              v32 = load.i64 notrap region0 v30+168
;;;                              call_indirect sig0, v31(v0, v29, v32)
;;;                              v33 = load.i32 notrap region3 v29
;;;                              brif v33, block2, block3
;;;                          block2:
;;;                              v34 = iconst.i32 1
;;;                              jump block4(v34)  ; v34 = 1
;;;                          block3:
;;;                              v35 = iconst.i32 0
;;;                              jump block4(v35)  ; v35 = 0
;;;                                                                                          movq 0x28(%rdi), %rcx
;;;                                                                                          movl 4(%rcx), %ecx
;;;   0x44 ref.test (ref 1)                                                                  cmpl %ecx, %eax
;;;                                                                                          jne L1
;;;                                                                                      L0:
;;;                                                                                          movl $1, %eax
;;;   0x47 end               block4(v3: i32):                                                addq $0x20, %rsp
;;;                              return v3                                                   movq %rbp, %rsp
;;;                                                                                          popq %rbp
;;;                                                                                          retq
;;;   0x44 ref.test (ref 1)                                                              L1:
;;;                                                                                          xorl %eax, %eax
;;;   0x47 end                                                                               addq $0x20, %rsp
;;;                                                                                          movq %rbp, %rsp
;;;                                                                                          popq %rbp
;;;                                                                                          retq
;;;   0x44 ref.test (ref 1)                                                              L2:
;;;                                                                                          leaq (%rsp), %rax
;;;                                                                                          movq %rsi, (%rsp)
;;;                                                                                          movq 0x28(%rdi), %rcx
;;;                                                                                          movl 4(%rcx), %ecx
;;;                                                                                          shlq $0x20, %rcx
;;;                                                                                          orq $0xe, %rcx
;;;                                                                                          movq %rcx, 8(%rsp)
;;;                                                                                          movq 0x20(%rdi), %rcx
;;;                                                                                          movq (%rcx), %r8
;;;                                                                                          movq 0xa8(%rcx), %rdx
;;;                                                                                          movq %rax, %rsi
;;;                                                                                          callq *%r8
;;;                                                                                          movl (%rsp), %eax
;;;                                                                                          testl %eax, %eax
;;;                                                                                          jne L0
;;;                                                                                          xorl %eax, %eax
;;;   0x47 end                                                                               addq $0x20, %rsp
;;;                                                                                          movq %rbp, %rsp
;;;                                                                                          popq %rbp
;;;                                                                                          retq
;;;                                                                                      L3:
;;;                                                                                          ud2 ; trap: call stack exhausted
;;;
;;; function 1:
;;;                                                                                        pushq %rbp
;;;                                                                                        movq %rsp, %rbp
;;;   0x4a local.get 0
;;;   0x4c ref.cast (ref 2)  block0(v0: i64, v1: i64):                                     testq %rsi, %rsi
;;;                              trapz v1, CastFailure                                     je L0
;;;                              jump block4                                               testq $1, %rsi
;;;                          block4:                                                       jne L1
;;;                              v3 = iconst.i64 1                                         movq 0x10(%rdi), %rax
;;;                              v4 = band.i64 v1, v3  ; v3 = 1                            movq 0x58(%rax), %rax
;;;                              trapnz v4, CastFailure                                    movl (%rax, %rsi), %ecx
;;;                              jump block5                                               movq 0x28(%rdi), %rdx
;;;                          block5:                                                       cmpl 8(%rdx), %ecx
;;;                              v5 = load.i64 notrap readonly can_move region0 v0+16      jne L2
;;;                              v6 = load.i64 notrap region1 v5+88
;;;                              v7 = iadd v6, v1
;;;                              v8 = load.i32 notrap region2 v7
;;;                              v9 = load.i64 notrap readonly can_move region0 v0+40
;;;                              v10 = load.i32 notrap readonly can_move region0 v9+8
;;;                              v11 = icmp eq v8, v10
;;;                              trapz v11, CastFailure
;;;                              jump block2
;;;   0x4f struct.get 2 0    block2:                                                       testq %rsi, %rsi
;;;                              trapz.i64 v1, NullStructReference                         je L3
;;;                              v15 = load.i32 notrap region2 v7+8                        movl 8(%rax, %rsi), %eax
;;;   0x53 end                   return v15                                                movq %rbp, %rsp
;;;                                                                                        popq %rbp
;;;                                                                                        retq
;;;   0x4c ref.cast (ref 2)                                                            L0:
;;;                                                                                        ud2 ; trap: cast failure
;;;                                                                                    L1:
;;;                                                                                        ud2 ; trap: cast failure
;;;                                                                                    L2:
;;;                                                                                        ud2 ; trap: cast failure
;;;   0x4f struct.get 2 0                                                              L3:
;;;                                                                                        ud2 ; trap: null structure reference
