;; Tries: exceptions with payloads, kept without end
;; Ends: trap GC heap exhausted
;; Within: 60s 120m
(module (type $l (struct (field exnref) (field (ref null $l)))) (tag $t (param i64 i64))
  (func (export "_start") (local (ref null $l) exnref) (loop $again
    (block $h (result i64 i64 exnref) (try_table (catch_ref $t $h) (throw $t (i64.const 1) (i64.const 2))) (unreachable))
    (local.set 1) (drop) (drop) (local.set 0 (struct.new $l (local.get 1) (local.get 0))) (br $again))))
