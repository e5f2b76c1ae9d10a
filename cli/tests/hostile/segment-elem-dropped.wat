;; Tries: an element segment that is dropped, then used
;; Ends: trap out of bounds table access
(module (table 10 funcref) (func $f) (elem $e func $f $f) (func (export "_start") (elem.drop $e) (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)) (table.init $e (i32.const 0) (i32.const 1) (i32.const 1))))
