;; Tries: calls of an empty function in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (func $f) (func (export "_start") (loop $l (call $f) (call $f) (br $l))))
