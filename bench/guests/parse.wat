;; Bytes and branches: writes 50,000 numbers as decimal text, then adds them up from
;; the text n times.
(module
  (memory (export "memory") 16)
  (global $seed (mut i32) (i32.const 12345))

  ;; Writes a number below 65536 and a comma; returns where it ended.
  (func $write (param $at i32) (param $number i32) (result i32)
    (local $divisor i32)
    (local.set $divisor (i32.const 10000))
    (loop $digits
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48)
          (i32.rem_u (i32.div_u (local.get $number) (local.get $divisor)) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $digits (local.tee $divisor (i32.div_u (local.get $divisor) (i32.const 10)))))
    (i32.store8 (local.get $at) (i32.const 44))
    (i32.add (local.get $at) (i32.const 1)))

  (func $parse (param $at i32) (param $end i32) (result i32)
    (local $byte i32) (local $number i32) (local $sum i32)
    (loop $bytes
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 44))
        (then
          (local.set $sum (i32.add (local.get $sum) (local.get $number)))
          (local.set $number (i32.const 0)))
        (else
          (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
            (then
              (local.set $number
                (i32.add
                  (i32.mul (local.get $number) (i32.const 10))
                  (i32.sub (local.get $byte) (i32.const 48)))))
            (else (unreachable)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $bytes (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum))

  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $end i32) (local $sum i32)
    (local.set $i (i32.const 50000))
    (loop $numbers
      (global.set $seed
        (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
      (local.set $end
        (call $write (local.get $end) (i32.shr_u (global.get $seed) (i32.const 16))))
      (br_if $numbers (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (loop $again
      (local.set $sum
        (i32.add
          (i32.mul (local.get $sum) (i32.const 31))
          (call $parse (i32.const 0) (local.get $end))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
