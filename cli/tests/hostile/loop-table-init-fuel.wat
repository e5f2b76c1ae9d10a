;; Tries: table.init of a large segment in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (table 50000 funcref) (func $f) (elem $e func %{50000 $f }%) (func (export "_start") (loop $l (table.init $e (i32.const 0) (i32.const 0) (i32.const 50000)) (br $l))))
