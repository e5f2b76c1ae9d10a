;; Tries: references above locals that are moved one by one, each time before a call
;; Ends: prints
;; With: --invoke f -W max-gc-heap-size=1m
;; Within: 60s 400m
(module (func $get (result anyref) (ref.null any)) (func $use (param anyref))
  (func (export "f") (local %{10000 anyref }%) %{10000 (local.get %n) }% %{10000 (call $get) }%
    %{10000 (local.set %n (call $get)) }% %{20000 (call $use) }%))
