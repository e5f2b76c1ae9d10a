;; Tries: table.copy of a table onto itself, overlapping, to its end and beyond
;; Ends: trap out of bounds table access
(module (table 10 funcref) (elem (i32.const 0) $f $g) (func $f) (func $g) (func (export "_start") (table.copy (i32.const 1) (i32.const 0) (i32.const 9)) (table.copy (i32.const 0) (i32.const 1) (i32.const 9)) (table.copy (i32.const 0) (i32.const 9) (i32.const 2))))
