;; compile fuel
;; Where a guest pays: at the start of each straight piece of code.
(module
  (func (param i32)
    (loop $again
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))

;;; function 0:
;;;                                                                                   pushq %rbp
;;;                                                                                   movq %rsp, %rbp
;;;   0x18 loop           block0(v0: i64, v1: i64, v2: i32):                          addq $1, %rsi
;;;                           v3 = iconst.i64 1                                       jb L1
;;;                           v4 = uadd_overflow_trap v1, v3, user11  ; v3 = 1        movq %rsi, %rax
;;;                           v6 = iconst.i64 8                                   L0:
;;;                           jump block2(v4, v2)                                     addq $8, %rax
;;;                       block2(v5: i64, v8: i32):                                   jb L2
;;;                           v11 = iconst.i64 8
;;;                           v7 = uadd_overflow_trap v5, v11, user11  ; v11 = 8
;;;                           v12 = iconst.i32 1
;;;                           v13 = isub v8, v12  ; v12 = 1
;;;                                                                                   subl $1, %edx
;;;   0x1a   local.get 0
;;;   0x1c   i32.const 1      v9 = iconst.i32 1
;;;   0x1e   i32.sub
;;;   0x1f   local.set 0
;;;   0x21   local.get 0
;;;   0x23   br_if 0          brif v13, block2(v7, v13), block4                       testl %edx, %edx
;;;                                                                                   jne L0
;;;   0x25 end
;;;   0x26 end            block4:                                                     movq %rbp, %rsp
;;;                           return v7                                               popq %rbp
;;;                                                                                   retq
;;;   0x18 loop                                                                   L1:
;;;                                                                                   ud2 ; trap: all fuel consumed by WebAssembly
;;;                                                                               L2:
;;;                                                                                   ud2 ; trap: all fuel consumed by WebAssembly
