;; Short-lived garbage: complex numbers on the heap and small arrays, none of which
;; outlives a turn of the loop.
;; run(n): n turns of z = z * z + c, and an array for every eighth.
(module
  (type $complex (struct (field $re f64) (field $im f64)))
  (type $bytes (array (mut i8)))
  (func $mul (param $a (ref $complex)) (param $b (ref $complex)) (result (ref $complex))
    (struct.new $complex
      (f64.sub
        (f64.mul (struct.get $complex $re (local.get $a)) (struct.get $complex $re (local.get $b)))
        (f64.mul (struct.get $complex $im (local.get $a)) (struct.get $complex $im (local.get $b))))
      (f64.add
        (f64.mul (struct.get $complex $re (local.get $a)) (struct.get $complex $im (local.get $b)))
        (f64.mul (struct.get $complex $im (local.get $a)) (struct.get $complex $re (local.get $b))))))
  (func $add (param $a (ref $complex)) (param $b (ref $complex)) (result (ref $complex))
    (struct.new $complex
      (f64.add (struct.get $complex $re (local.get $a)) (struct.get $complex $re (local.get $b)))
      (f64.add (struct.get $complex $im (local.get $a)) (struct.get $complex $im (local.get $b)))))
  (func (export "run") (param $n i32) (result i32)
    (local $z (ref $complex)) (local $c (ref $complex)) (local $bytes (ref null $bytes)) (local $sum i32)
    ;; Within the set of Mandelbrot, so that z stays small.
    (local.set $z (struct.new_default $complex))
    (local.set $c (struct.new $complex (f64.const -0.5) (f64.const 0.25)))
    (loop $turn
      (local.set $z (call $add (call $mul (local.get $z) (local.get $z)) (local.get $c)))
      (if (i32.eqz (i32.and (local.get $n) (i32.const 7)))
        (then
          (local.set $bytes (array.new $bytes (local.get $n)
            (i32.add (i32.and (local.get $n) (i32.const 255)) (i32.const 1))))
          (local.set $sum (i32.add (local.get $sum)
            (array.get_u $bytes (local.get $bytes) (i32.const 0))))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $turn (local.get $n)))
    (i32.add (local.get $sum)
      (i32.trunc_sat_f64_s (f64.mul (struct.get $complex $re (local.get $z)) (f64.const 1e6))))))
