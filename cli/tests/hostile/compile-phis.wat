;; Tries: a loop over 2,000 locals with 1,000 branches out of it
;; Ends: exit 0
;; Within: 60s 900m
(module (func $f (local %{2000 i64 }%) (local i32) (local.set 2000 (i32.const 1)) (block $out (loop $l %{1000 (local.set %n (i64.add (local.get %n) (i64.const 1))) (br_if $out (local.get 2000)) (br_if $l (i64.eqz (local.get %n))) }%))) (func (export "_start") (call $f)))
