;; compile
;; A small function is expanded where it is called.
(module
  (func $weight (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 3)))
  (func (param i32) (result i32)
    (i32.add (call $weight (local.get 0)) (i32.const 1))))

;;; function 0:
;;;                                                         pushq %rbp
;;;                                                         movq %rsp, %rbp
;;;   0x1a local.get 0
;;;   0x1c i32.const 3  block0(v0: i64, v1: i32):
;;;                         v3 = iconst.i32 3
;;;   0x1e i32.mul          v4 = imul v1, v3  ; v3 = 3      imull $3, %esi, %eax
;;;   0x1f end              return v4                       movq %rbp, %rsp
;;;                                                         popq %rbp
;;;                                                         retq
;;;
;;; function 1:
;;;                                                             pushq %rbp
;;;                                                             movq %rsp, %rbp
;;;   0x22 local.get 0
;;;   0x24 call 0       block0(v0: i64, v1: i32):               imull $3, %esi, %esi
;;;                         jump block2
;;;                     block2:
;;;                         jump block4
;;;                     block4:
;;;                         v8 = iconst.i32 3
;;;                         v9 = imul.i32 v1, v8  ; v8 = 3
;;;   0x26 i32.const 1      v4 = iconst.i32 1
;;;   0x28 i32.add          v5 = iadd v9, v4  ; v4 = 1          leal 1(%rsi), %eax
;;;   0x29 end              return v5                           movq %rbp, %rsp
;;;                                                             popq %rbp
;;;                                                             retq
