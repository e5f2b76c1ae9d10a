;; Memory: copies 64 KiB n times by a loop over words, adding the turn to each.
(module
  (memory (export "memory") 2)
  (func (export "run") (param $n i32) (result i32)
    (local $at i32) (local $sum i64)
    (loop $again
      (local.set $at (i32.const 0))
      (loop $words
        (i64.store offset=65536 (local.get $at)
          (i64.add (i64.load (local.get $at)) (i64.extend_i32_u (local.get $n))))
        (i64.store (local.get $at)
          (i64.xor (i64.load offset=65536 (local.get $at)) (i64.extend_i32_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $words (i32.lt_u (local.get $at) (i32.const 65536))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $words
      (local.set $at (i32.sub (local.get $at) (i32.const 8)))
      (local.set $sum
        (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load (local.get $at))))
      (br_if $words (local.get $at)))
    (i32.wrap_i64 (i64.xor (local.get $sum) (i64.shr_u (local.get $sum) (i64.const 32))))))
