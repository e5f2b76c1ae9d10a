;; Floating point: the sum of the product of two n by n matrices, n at most 200.
(module
  (memory (export "memory") 16)

  ;; Stores (row * $a + column * $b) mod 11.
  (func $fill (param $at i32) (param $n i32) (param $a i32) (param $b i32)
    (local $row i32) (local $column i32)
    (loop $rows
      (local.set $column (i32.const 0))
      (loop $columns
        (f64.store (local.get $at)
          (f64.convert_i32_u
            (i32.rem_u
              (i32.add
                (i32.mul (local.get $row) (local.get $a))
                (i32.mul (local.get $column) (local.get $b)))
              (i32.const 11))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $columns (i32.lt_u (local.get $column) (local.get $n))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (local.get $n)))))

  (func (export "run") (param $n i32) (result i32)
    (local $row i32) (local $column i32) (local $k i32) (local $a i32) (local $b i32)
    (local $dot f64) (local $sum f64)
    (call $fill (i32.const 0) (local.get $n) (i32.const 7) (i32.const 3))
    (call $fill (i32.const 0x80000) (local.get $n) (i32.const 5) (i32.const 9))
    (loop $rows
      (local.set $column (i32.const 0))
      (loop $columns
        (local.set $a (i32.shl (i32.mul (local.get $row) (local.get $n)) (i32.const 3)))
        (local.set $b (i32.add (i32.const 0x80000) (i32.shl (local.get $column) (i32.const 3))))
        (local.set $dot (f64.const 0))
        (local.set $k (local.get $n))
        (loop $terms
          (local.set $dot
            (f64.add (local.get $dot)
              (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (i32.shl (local.get $n) (i32.const 3))))
          (br_if $terms (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (local.set $sum (f64.add (local.get $sum) (local.get $dot)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $columns (i32.lt_u (local.get $column) (local.get $n))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (local.get $n))))
    (i32.trunc_f64_s (local.get $sum))))
