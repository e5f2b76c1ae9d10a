;; Tries: a body of 40,000 allocations, each of which divides it in pieces
;; Ends: exit 0
;; With: -W max-gc-heap-size=64m
;; Within: 20s 250m
(module (type $s (struct (field anyref) (field i64))) (func $f (param anyref) (result anyref) local.get 0 %{40000 i64.const 2 struct.new $s }%)
  (func (export "_start") (drop (call $f (ref.null any)))))
