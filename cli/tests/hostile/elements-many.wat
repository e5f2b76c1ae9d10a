;; Tries: a million items of an element segment in a table that is too small
;; Ends: trap out of bounds table access
;; Within: 20s 300m
(module (table 10 funcref) (func $f (export "_start")) (elem (i32.const 0) func %{1000000 $f }%))
