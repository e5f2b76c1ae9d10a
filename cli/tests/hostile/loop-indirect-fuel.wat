;; Tries: calls through a table in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $t (func)) (table funcref (elem $f)) (func $f) (func (export "_start") (loop $l (call_indirect (type $t) (i32.const 0)) (br $l))))
