;; Tries: a body of nearly a megabyte
;; Ends: exit 0
;; Within: 60s 1500m
(module (memory 1) (func $f (param i32) (result i32) (local i32) %{80000 (local.set 1 (i32.add (local.get 1) (i32.load (local.get 0)))) }% (local.get 1)) (func (export "_start") (drop (call $f (i32.const 0)))))
