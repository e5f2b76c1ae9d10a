;; Tries: twenty thousand references that stay alive over as many calls which collect
;; Ends: exit 0
;; With: -W max-gc-heap-size=1m
;; Within: 60s 400m
(module (type $a (array i32)) (func $get (result anyref) (drop (array.new $a (i32.const 1) (i32.const 10000))) (ref.null any))
  (func $use (param anyref))
  (func (export "_start") %{20000 (call $get) }% %{20000 (call $use) }%))
