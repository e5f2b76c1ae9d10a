;; compile
;; An access to a memory with 64-bit addresses is checked once, by a constant.
(module
  (memory i64 1)
  (func (param i64) (result i32)
    (i32.load offset=8 (local.get 0))))

;;; function 0:
;;;                                                                                      pushq %rbp
;;;                                                                                      movq %rsp, %rbp
;;;   0x1e local.get 0
;;;   0x20 i32.load offset=8  block0(v0: i64, v1: i64):                                  cmpq L1(%rip), %rsi
;;;                               v3 = iconst.i64 0x0010_0000_0000                       jae L0
;;;                               v4 = icmp uge v1, v3  ; v3 = 0x0010_0000_0000          movq (%rdi), %rdi
;;;                               trapnz v4, heap_oob                                    movl 8(%rdi, %rsi), %eax ; trap: out of bounds memory access
;;;                               v5 = load.i64 notrap readonly can_move region0 v0
;;;                               v6 = iadd v5, v1
;;;                               v7 = load.i32 little region2 v6+8
;;;   0x23 end                    return v7                                              movq %rbp, %rsp
;;;                                                                                      popq %rbp
;;;                                                                                      retq
;;;   0x20 i32.load offset=8                                                         L0:
;;;                                                                                      ud2 ; trap: out of bounds memory access
;;;                                                                                      addb %al, (%rax)
;;;                                                                                      addb %al, (%rax)
;;;                                                                                      addb %al, (%rax)
;;;                                                                                  L1:
;;;                                                                                      .byte 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00
