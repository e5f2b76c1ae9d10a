;; compile
;; Entering and leaving a try_table costs nothing; an exception lands in a cold block.
(module
  (import "" "f" (func $f))
  (tag $t (param i32))
  (func (result i32)
    (block $caught (result i32)
      (try_table (catch $t $caught)
        (call $f))
      (i32.const 1))))

;;; function 1:
;;;                                                                                                pushq %rbp
;;;                                                                                                movq %rsp, %rbp
;;;                                                                                                movq 0x10(%rdi), %r10
;;;                                                                                                movq 0x30(%r10), %r10
;;;                                                                                                addq $0x50, %r10
;;;                                                                                                cmpq %rsp, %r10
;;;                                                                                                ja L3
;;;                                                                                                subq $0x40, %rsp
;;;                                                                                                movq %rbx, 0x10(%rsp)
;;;                                                                                                movq %r12, 0x18(%rsp)
;;;                                                                                                movq %r13, 0x20(%rsp)
;;;                                                                                                movq %r14, 0x28(%rsp)
;;;                                                                                                movq %r15, 0x30(%rsp)
;;;                                                                                                movq %rdi, (%rsp)
;;;   0x2c block (result i32)
;;;   0x2e   try_table (catch 0 0)
;;;   0x34     call 0               block0(v0: i64):                                               movq 0x40(%rdi), %rax
;;;                                     v4 = load.i64 notrap readonly can_move region0 v0+64       movq 8(%rax), %rsi
;;;                                     v5 = load.i64 notrap region2 v4+8                          movq 0x10(%rax), %rdi
;;;                                     v6 = load.i64 notrap region2 v4+16                         testq %rsi, %rsi
;;;                                     brif v5, block6(v5, v6), block5                            je L2
;;;                                 block5 cold:                                               L0:
;;;                                     store.i64 notrap region3 v4, v0+48                         callq *%rsi
;;;                                     v9 = func_addr.i64 fn0
;;;                                     jump block6(v9, v0)
;;;                                 block6(v7: i64, v8: i64):
;;;                                     try_call_indirect v7(v8), sig0, block7, [ context v0, tag0: block3(exn0) ]
;;;   0x37   i32.const 1            block4:                                                        movl $1, %eax
;;;                                     v14 = iconst.i32 1
;;;   0x39 end                          jump block2(v14)  ; v14 = 1
;;;   0x3a end                      block2(v2: i32):                                           L1:
;;;                                     return v2                                                  movq 0x10(%rsp), %rbx
;;;                                                                                                movq 0x18(%rsp), %r12
;;;                                                                                                movq 0x20(%rsp), %r13
;;;                                                                                                movq 0x28(%rsp), %r14
;;;                                                                                                movq 0x30(%rsp), %r15
;;;                                                                                                addq $0x40, %rsp
;;;                                                                                                movq %rbp, %rsp
;;;                                                                                                popq %rbp
;;;                                                                                                retq
;;;                                                                                            L2:
;;;                                                                                                movq (%rsp), %rdi
;;;   0x34     call 0                                                                              movq %rax, 0x30(%rdi)
;;;                                                                                                leaq adapter 0(%rip), %rsi
;;;                                                                                                jmp L0
;;;                                                                                                movq (%rsp), %rdi
;;;   0x36   end                    block7:                                                        movq 0x10(%rdi), %rcx
;;;                                     jump block4                                                movq 0x58(%rcx), %rcx
;;;                                 block3(v3: i64) cold:                                          movl 0x10(%rcx, %rax), %eax
;;;                                     v10 = load.i64 notrap readonly can_move region0 v0+16      jmp L1
;;;                                     v11 = load.i64 notrap region1 v10+88
;;;                                     v12 = iadd v11, v3
;;;                                     v13 = load.i32 notrap region4 v12+16
;;;                                     jump block2(v13)
;;;                                                                                            L3:
;;;                                                                                                ud2 ; trap: call stack exhausted
