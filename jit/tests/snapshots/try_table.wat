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
;;;                                                                                               pushq %rbp
;;;                                                                                               movq %rsp, %rbp
;;;                                                                                               movq 0x10(%rdi), %r10
;;;                                                                                               movq 0x30(%r10), %r10
;;;                                                                                               addq $0x50, %r10
;;;                                                                                               cmpq %rsp, %r10
;;;                                                                                               ja L1
;;;                                                                                               subq $0x40, %rsp
;;;                                                                                               movq %rbx, 0x10(%rsp)
;;;                                                                                               movq %r12, 0x18(%rsp)
;;;                                                                                               movq %r13, 0x20(%rsp)
;;;                                                                                               movq %r14, 0x28(%rsp)
;;;                                                                                               movq %r15, 0x30(%rsp)
;;;                                                                                               movq %rdi, (%rsp)
;;;   0x2c block (result i32)
;;;   0x2e   try_table (catch 0 0)
;;;   0x34     call 0               block0(v0: i64):                                              callq import 0
;;;                                     try_call fn0(v0), sig0, block5, [ context v0, tag0: block3(exn0) ]
;;;   0x37   i32.const 1            block4:                                                       movl $1, %eax
;;;                                     v8 = iconst.i32 1
;;;   0x39 end                          jump block2(v8)  ; v8 = 1
;;;   0x3a end                      block2(v2: i32):                                          L0:
;;;                                     return v2                                                 movq 0x10(%rsp), %rbx
;;;                                                                                               movq 0x18(%rsp), %r12
;;;                                                                                               movq 0x20(%rsp), %r13
;;;                                                                                               movq 0x28(%rsp), %r14
;;;                                                                                               movq 0x30(%rsp), %r15
;;;                                                                                               addq $0x40, %rsp
;;;                                                                                               movq %rbp, %rsp
;;;                                                                                               popq %rbp
;;;                                                                                               retq
;;;                                                                                               movq (%rsp), %r10
;;;   0x36   end                    block5:                                                       movq 0x10(%r10), %rcx
;;;                                     jump block4                                               movq 0x58(%rcx), %rcx
;;;                                 block3(v3: i64) cold:                                         movl 0x10(%rcx, %rax), %eax
;;;                                     v4 = load.i64 notrap readonly can_move region0 v0+16      jmp L0
;;;                                     v5 = load.i64 notrap region1 v4+88
;;;                                     v6 = iadd v5, v3
;;;                                     v7 = load.i32 notrap region2 v6+16
;;;                                     jump block2(v7)
;;;                                                                                           L1:
;;;                                                                                               ud2 ; trap: call stack exhausted
