;; compile
;; A counter that is compared with a constant stays in one register: the new value is tested, not the old one.
(module
  (memory 1)
  (func (export "new")
    (local $i i32)
    (loop $next
      (i32.store (local.get $i) (i32.const 7))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4096)))))
  (func (export "old")
    (local $i i32) (local $before i32)
    (loop $next
      (i32.store (local.get $i) (i32.const 7))
      (local.set $before (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $next (i32.ne (local.get $before) (i32.const 4092))))))

;;; function 0:
;;;                                                                                     pushq %rbp
;;;                                                                                     movq %rsp, %rbp
;;;   0x2e loop              block0(v0: i64):                                           xorl %edx, %edx
;;;                              v1 = iconst.i32 0
;;;                              jump block2(v1)  ; v1 = 0
;;;                          block2(v2: i32):
;;;                              v27 = iconst.i32 7
;;;   0x30   local.get 0
;;;   0x32   i32.const 7         v3 = iconst.i32 7
;;;   0x34   i32.store           v5 = load.i64 notrap readonly can_move region0 v0      movq (%rdi), %rdi
;;;                              v4 = uextend.i64 v2                                L0:
;;;                              v6 = iadd.i64 v5, v4                                   movl %edx, %r8d
;;;                              store little region2 v27, v6  ; v27 = 7                movl $7, (%rdi, %r8) ; trap: out of bounds memory access
;;;                              v28 = iconst.i32 4
;;;                              v29 = iadd v2, v28  ; v28 = 4
;;;                                                                                     addl $4, %edx
;;;   0x37   local.get 0
;;;   0x39   i32.const 4         v7 = iconst.i32 4
;;;   0x3b   i32.add
;;;   0x3c   local.tee 0
;;;   0x3e   i32.const 4096
;;;   0x41   i32.ne
;;;   0x42   br_if 0             v12 = iconst.i64 4096                                  cmpq $0x1000, %rdx
;;;                              v13 = uextend.i64 v29                                  jne L0
;;;                              v30 = iconst.i64 4096
;;;                              v31 = icmp ne v13, v30  ; v30 = 4096
;;;                              brif v31, block2(v29), block4
;;;   0x44 end
;;;   0x45 end               block4:                                                    movq %rbp, %rsp
;;;                              return                                                 popq %rbp
;;;                                                                                     retq
;;;
;;; function 1:
;;;                                                                                     pushq %rbp
;;;                                                                                     movq %rsp, %rbp
;;;   0x4a loop              block0(v0: i64):                                           xorl %edx, %edx
;;;                              v1 = iconst.i32 0
;;;                              jump block2(v1)  ; v1 = 0
;;;                          block2(v2: i32):
;;;                              v15 = iconst.i32 7
;;;   0x4c   local.get 0
;;;   0x4e   i32.const 7         v3 = iconst.i32 7
;;;   0x50   i32.store           v5 = load.i64 notrap readonly can_move region0 v0      movq (%rdi), %rdi
;;;                              v4 = uextend.i64 v2                                L0:
;;;                              v6 = iadd.i64 v5, v4                                   movl %edx, %r8d
;;;                              store little region2 v15, v6  ; v15 = 7                movl $7, (%rdi, %r8) ; trap: out of bounds memory access
;;;                              v16 = iconst.i32 4
;;;                              v17 = iadd v2, v16  ; v16 = 4
;;;                                                                                     addl $4, %edx
;;;   0x53   local.get 0
;;;   0x55   local.set 1
;;;   0x57   local.get 0
;;;   0x59   i32.const 4         v7 = iconst.i32 4
;;;   0x5b   i32.add
;;;   0x5c   local.set 0
;;;   0x5e   local.get 1
;;;   0x60   i32.const 4092
;;;   0x63   i32.ne
;;;   0x64   br_if 0             v12 = iconst.i64 4096                                  cmpq $0x1000, %rdx
;;;                              v13 = uextend.i64 v17                                  jne L0
;;;                              v18 = iconst.i64 4096
;;;                              v19 = icmp ne v13, v18  ; v18 = 4096
;;;                              brif v19, block2(v17), block4
;;;   0x66 end
;;;   0x67 end               block4:                                                    movq %rbp, %rsp
;;;                              return                                                 popq %rbp
;;;                                                                                     retq
