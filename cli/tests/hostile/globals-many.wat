;; Tries: 100,000 globals with expressions that refer to each other
;; Ends: exit 0
;; Within: 20s 400m
(module (global $g0 i32 (i32.const 0)) %{100000 (global i32 (i32.add (global.get %n) (i32.const 1))) }% (func (export "_start")))
