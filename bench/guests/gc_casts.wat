;; Tests and casts to types that have subtypes: a few thousand shapes of four classes are asked again and again what they are.
;; run(rounds): the sum of what they answered.
(module
  (type $shape (sub (struct (field $id i32))))
  (type $round (sub $shape (struct (field $id i32) (field $radius i32))))
  (type $circle (sub final $round (struct (field $id i32) (field $radius i32))))
  (type $ellipse (sub final $round (struct (field $id i32) (field $radius i32) (field $other i32))))
  (type $square (sub final $shape (struct (field $id i32) (field $side i32))))
  (type $list (array (mut (ref null $shape))))
  (global $count i32 (i32.const 4096))
  (func $make (param $n i32) (result (ref $shape))
    (if (i32.eqz (i32.and (local.get $n) (i32.const 1)))
      (then (return (struct.new $circle (local.get $n) (i32.const 3)))))
    (if (i32.eqz (i32.and (local.get $n) (i32.const 2)))
      (then (return (struct.new $ellipse (local.get $n) (i32.const 5) (i32.const 7)))))
    (if (i32.eqz (i32.and (local.get $n) (i32.const 4)))
      (then (return (struct.new $square (local.get $n) (i32.const 9)))))
    (struct.new $round (local.get $n) (i32.const 11)))
  (func (export "run") (param $rounds i32) (result i32)
    (local $list (ref $list)) (local $n i32) (local $any (ref null any)) (local $sum i32)
    (local.set $list (array.new_default $list (global.get $count)))
    (loop $fill
      (array.set $list (local.get $list) (local.get $n) (call $make (local.get $n)))
      (br_if $fill (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (global.get $count))))
    (loop $again
      (local.set $n (i32.const 0))
      (loop $each
        (local.set $any (array.get $list (local.get $list) (local.get $n)))
        (if (ref.test (ref $round) (local.get $any))
          (then
            (local.set $sum (i32.add (local.get $sum)
              (struct.get $round $radius (ref.cast (ref $round) (local.get $any))))))
          (else
            (local.set $sum (i32.sub (local.get $sum)
              (struct.get $shape $id (ref.cast (ref $shape) (local.get $any)))))))
        (br_if $each (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (global.get $count))))
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $sum)))
