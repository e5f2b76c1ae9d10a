;; Tries: ten thousand locals that are references, alive over as many calls which collect
;; Ends: exit 0
;; With: -W max-gc-heap-size=1m
;; Within: 60s 400m
(module (type $a (array i32)) (func $get (result anyref) (drop (array.new $a (i32.const 1) (i32.const 10000))) (ref.null any))
  (func $use (param anyref))
  (func (export "_start") (local %{10000 anyref }%)
    %{10000 (local.set %n (call $get)) }% %{10000 (call $use (local.get %n)) }%))
