;; Tries: 200 nested loops that all carry 200 values: what takes the compiler a second for each kilobyte
;; Ends: trap wasm trap: interrupt
;; Within: 20s 150m
(module (func (export "_start") (local %{200 i64 }% i32) (local.set 200 (i32.const 1))
  %{200 loop }% %{200 (local.set %n (i64.add (local.get %n) (i64.const 1))) }% %{200 local.get 200 br_if 0 end }%))
