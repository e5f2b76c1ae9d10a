;; Tries: an exception that is thrown again after many collections still has its payload
;; Ends: prints 42
;; With: --invoke f
(module (type $s (struct (field i64))) (tag $t (param i32 (ref $s)))
  (func (export "f") (result i64) (local exnref i32 (ref null $s))
    (block $h (result i32 (ref $s) exnref) (try_table (catch_ref $t $h) (throw $t (i32.const 2) (struct.new $s (i64.const 40)))) (unreachable))
    (local.set 0) (drop) (drop)
    (loop $l (drop (struct.new_default $s)) (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (i32.const 2000000))))
    (block $g (result i32 (ref $s)) (try_table (catch $t $g) (throw_ref (local.get 0))) (unreachable))
    (local.set 2) (i64.extend_i32_u) (i64.add (struct.get $s 0 (local.get 2)))))
