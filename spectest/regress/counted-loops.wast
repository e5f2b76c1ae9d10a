;; Loops that end when a counter reaches a constant, which may be beyond where sums wrap around.

(module
  ;; Rounds until the new value is the constant.
  (func (export "up") (param $i i32) (result i32)
    (local $rounds i32)
    (loop $next
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 64))))
    (local.get $rounds))

  (func (export "down") (param $i i32) (result i32)
    (local $rounds i32)
    (loop $next
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (i32.const -1) (local.get $i))) (i32.const -3))))
    (local.get $rounds))

  ;; Rounds until the old value is the constant; the sum of it and the step is 0.
  (func (export "old") (param $i i32) (result i32)
    (local $rounds i32) (local $before i32)
    (loop $next
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (local.set $before (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 2)))
      (br_if $next (i32.ne (local.get $before) (i32.const -2))))
    (i32.add (i32.mul (local.get $i) (i32.const 1000)) (local.get $rounds)))

  ;; Leaves the loop on equality; both values are used afterwards.
  (func (export "both") (param $i i32) (result i32)
    (local $before i32)
    (block $done
      (loop $next
        (local.set $before (local.get $i))
        (local.set $i (i32.add (local.get $i) (i32.const 3)))
        (br_if $done (i32.eq (local.get $before) (i32.const 30)))
        (br $next)))
    (i32.sub (i32.mul (local.get $i) (i32.const 100)) (local.get $before)))

  ;; Goes back on equality, once, and in 64 bits.
  (func (export "again") (param $i i64) (result i64)
    (loop $next
      (br_if $next (i64.eq (local.tee $i (i64.add (local.get $i) (i64.const 5))) (i64.const 6))))
    (local.get $i)))

(assert_return (invoke "up" (i32.const 0)) (i32.const 16))
(assert_return (invoke "up" (i32.const -64)) (i32.const 32))
(assert_return (invoke "down" (i32.const 10)) (i32.const 13))
(assert_return (invoke "old" (i32.const -20)) (i32.const 10))
(assert_return (invoke "old" (i32.const -2)) (i32.const 1))
(assert_return (invoke "both" (i32.const 0)) (i32.const 3270))
(assert_return (invoke "both" (i32.const 30)) (i32.const 3270))
(assert_return (invoke "again" (i64.const 1)) (i64.const 11))
(assert_return (invoke "again" (i64.const 2)) (i64.const 7))
