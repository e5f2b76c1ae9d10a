;; Tries: loops nested 20,000 deep, the innermost of which goes on to each of them
;; Ends: trap wasm trap: interrupt
;; Within: 60s 400m
(module (func (export "_start") (local i32) %{20000 loop }% (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.and (local.get 0) (i32.const 1))) br 19999 %{20000 end }%))
