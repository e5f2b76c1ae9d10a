;; Atomic accesses to memories beside the first, with 64-bit addresses and with
;; offsets: the official scripts have none of these.

(module
  (memory 1 1 shared)
  (memory $m 1 2 shared)
  (memory $w i64 1 1 shared)
  (memory $p 1)
  (func (export "add") (param i32 i32) (result i32)
    (i32.atomic.rmw.add $m offset=4 (local.get 0) (local.get 1)))
  (func (export "load-m") (param i32) (result i32) (i32.atomic.load $m (local.get 0)))
  (func (export "load-0") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "cmpxchg-w") (param i64 i64 i64) (result i64)
    (i64.atomic.rmw.cmpxchg $w offset=8 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "load-w") (param i64) (result i64) (i64.atomic.load $w (local.get 0)))
  (func (export "load-w-far") (param i64) (result i64)
    (i64.atomic.load $w offset=0xffffffffffffff00 (local.get 0)))
  (func (export "store-p") (param i32 i32) (i32.atomic.store8 $p offset=3 (local.get 0) (local.get 1)))
  (func (export "load-p") (param i32) (result i32) (i32.atomic.load $p (local.get 0)))
  (func (export "notify-w") (param i64) (result i32)
    (memory.atomic.notify $w offset=4 (local.get 0) (i32.const 1)))
  (func (export "wait-w") (param i64) (result i32)
    (memory.atomic.wait64 $w offset=8 (local.get 0) (i64.const 7) (i64.const 1000)))
  (func (export "wait-p") (param i32) (result i32)
    (memory.atomic.wait32 $p (local.get 0) (i32.const 0) (i64.const -1)))
  (func (export "fence-between") (param i32) (result i32)
    (i32.atomic.store $m (i32.const 16) (local.get 0))
    (atomic.fence)
    (i32.load $m (i32.const 16)))
  ;; The old value is an operand at once: it is in the accumulator.
  (func (export "sum-of-old") (result i32)
    (i32.atomic.store (i32.const 32) (i32.const 0))
    (i32.add
      (i32.atomic.rmw.xchg (i32.const 32) (i32.const 5))
      (i32.add
        (i32.atomic.rmw.sub (i32.const 32) (i32.const 7))
        (i32.atomic.rmw.cmpxchg (i32.const 32) (i32.const -2) (i32.const 1)))))
  (func (export "grow-m") (result i32)
    (drop (memory.grow $m (i32.const 1)))
    (i32.atomic.store $m offset=65536 (i32.const 65532) (memory.size $m))
    (i32.atomic.load $m (i32.const 131068)))
)

(assert_return (invoke "add" (i32.const 8) (i32.const 3)) (i32.const 0))
(assert_return (invoke "add" (i32.const 8) (i32.const -4)) (i32.const 3))
(assert_return (invoke "load-m" (i32.const 12)) (i32.const -1))
(assert_return (invoke "load-0" (i32.const 12)) (i32.const 0))
(assert_return (invoke "cmpxchg-w" (i64.const 8) (i64.const 0) (i64.const -2)) (i64.const 0))
(assert_return (invoke "cmpxchg-w" (i64.const 8) (i64.const 0) (i64.const 9)) (i64.const -2))
(assert_return (invoke "load-w" (i64.const 16)) (i64.const -2))
(assert_return (invoke "store-p" (i32.const 4) (i32.const 0x1fe)))
(assert_return (invoke "load-p" (i32.const 4)) (i32.const 0xfe000000))
(assert_return (invoke "fence-between" (i32.const 11)) (i32.const 11))
(assert_return (invoke "sum-of-old") (i32.const 3))
(assert_return (invoke "grow-m") (i32.const 2))

;; The address with its offset has to be aligned, and that is looked at first.
(assert_trap (invoke "add" (i32.const 2) (i32.const 0)) "unaligned atomic")
(assert_trap (invoke "add" (i32.const 0xfffffffe) (i32.const 0)) "unaligned atomic")
(assert_trap (invoke "add" (i32.const 0xfffffffc) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "load-0" (i32.const 65536)) "out of bounds memory access")
(assert_trap (invoke "load-w" (i64.const 0x100000000)) "out of bounds memory access")
(assert_trap (invoke "load-w" (i64.const 0x100000004)) "unaligned atomic")
(assert_trap (invoke "load-w-far" (i64.const 0x100)) "out of bounds memory access")
(assert_trap (invoke "load-w-far" (i64.const 0x104)) "unaligned atomic")
(assert_trap (invoke "notify-w" (i64.const -4)) "out of bounds memory access")
(assert_trap (invoke "notify-w" (i64.const 2)) "unaligned atomic")
(assert_trap (invoke "wait-w" (i64.const 4)) "unaligned atomic")
(assert_trap (invoke "wait-w" (i64.const 65528)) "out of bounds memory access")
(assert_trap (invoke "wait-p" (i32.const 2)) "unaligned atomic")
(assert_trap (invoke "wait-p" (i32.const 0)) "expected shared memory")

(assert_return (invoke "notify-w" (i64.const 4)) (i32.const 0))
(assert_return (invoke "wait-w" (i64.const 0)) (i32.const 1))
(assert_return (invoke "wait-w" (i64.const 8)) (i32.const 1))
(assert_return (invoke "cmpxchg-w" (i64.const 0) (i64.const 0) (i64.const 7)) (i64.const 0))
(assert_return (invoke "wait-w" (i64.const 0)) (i32.const 2))

;; A shared memory is not filled from an image: instances do not see each other's
;; changes, nor does one that comes later.
(module definition $D
  (memory (export "memory") 1 1 shared)
  (data (i32.const 4) "\01\02\03\04")
  (func (export "swap") (param i32) (result i32) (i32.atomic.rmw.xchg (i32.const 4) (local.get 0))))
(module instance $a $D)
(assert_return (invoke $a "swap" (i32.const 5)) (i32.const 0x04030201))
(module instance $b $D)
(assert_return (invoke $b "swap" (i32.const 6)) (i32.const 0x04030201))
(assert_return (invoke $a "swap" (i32.const 7)) (i32.const 5))

;; Active segments are written by each instantiation, into an imported memory too,
;; before a later one is found to be out of bounds.
(register "a" $a)
(module (memory (import "a" "memory") 1 1 shared) (data (i32.const 4) "\08"))
(assert_return (invoke $a "swap" (i32.const 0)) (i32.const 8))
(assert_trap
  (module
    (memory (import "a" "memory") 1 1 shared)
    (data (i32.const 5) "\09")
    (data (i32.const 65536) "\09"))
  "out of bounds memory access")
(assert_return (invoke $a "swap" (i32.const 0)) (i32.const 0x0900))

;; Bulk operators between a shared memory and others.
(module
  (memory $s 1 1 shared)
  (memory $p 1)
  (data $d "\01\02\03\04")
  (func (export "run") (result i32)
    (memory.init $s $d (i32.const 8) (i32.const 0) (i32.const 4))
    (memory.copy $p $s (i32.const 1) (i32.const 8) (i32.const 4))
    (memory.copy $s $p (i32.const 65532) (i32.const 1) (i32.const 4))
    (memory.fill $s (i32.const 65533) (i32.const 0xff) (i32.const 2))
    (i32.load $s (i32.const 65532)))
  (func (export "past-the-end") (memory.fill $s (i32.const 65535) (i32.const 0) (i32.const 2))))
(assert_return (invoke "run") (i32.const 0x04ffff01))
(assert_trap (invoke "past-the-end") "out of bounds memory access")

(assert_invalid (module (memory 1 shared)) "shared memory must have maximum")
