;; A linked structure that survives: a hash table of chains, all of it kept while
;; every lookup makes an object that is not.
;; run(n): inserts the keys below n, looks all of them up, and sums what is found.
(module
  (type $entry (struct (field $key i32) (field $value (mut i64)) (field $next (ref null $entry))))
  (type $table (array (mut (ref null $entry))))
  (type $found (struct (field $value i64)))
  (global $table (mut (ref null $table)) (ref.null $table))
  (global $mask (mut i32) (i32.const 0))
  ;; Fibonacci hashing: the upper bits of a product.
  (func $bucket (param $key i32) (result i32)
    (i32.and
      (i32.shr_u (i32.mul (local.get $key) (i32.const 0x9e3779b1)) (i32.const 8))
      (global.get $mask)))
  (func $insert (param $key i32) (param $value i64)
    (local $at i32)
    (local.set $at (call $bucket (local.get $key)))
    (array.set $table (global.get $table) (local.get $at)
      (struct.new $entry (local.get $key) (local.get $value)
        (array.get $table (global.get $table) (local.get $at)))))
  (func $find (param $key i32) (result (ref null $found))
    (local $entry (ref null $entry))
    (local.set $entry (array.get $table (global.get $table) (call $bucket (local.get $key))))
    (block $missing
      (loop $next
        (br_if $missing (ref.is_null (local.get $entry)))
        (if (i32.eq (struct.get $entry $key (local.get $entry)) (local.get $key))
          (then (return (struct.new $found (struct.get $entry $value (local.get $entry))))))
        (local.set $entry (struct.get $entry $next (local.get $entry)))
        (br $next)))
    (ref.null $found))
  (func (export "run") (param $n i32) (result i64)
    (local $key i32) (local $size i32) (local $sum i64)
    (local.set $size (i32.const 1))
    (loop $double
      (local.set $size (i32.shl (local.get $size) (i32.const 1)))
      (br_if $double (i32.lt_u (local.get $size) (local.get $n))))
    (global.set $mask (i32.sub (local.get $size) (i32.const 1)))
    (global.set $table (array.new_default $table (local.get $size)))
    (loop $insert
      (call $insert (local.get $key) (i64.extend_i32_u (local.get $key)))
      (local.set $key (i32.add (local.get $key) (i32.const 1)))
      (br_if $insert (i32.lt_u (local.get $key) (local.get $n))))
    (loop $find
      (local.set $key (i32.sub (local.get $key) (i32.const 1)))
      (local.set $sum (i64.add (local.get $sum)
        (struct.get $found $value (call $find (local.get $key)))))
      (br_if $find (local.get $key)))
    (local.get $sum)))
