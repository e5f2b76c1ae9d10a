;; Tries: a start function that does not end, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (func $s (loop $l (br $l))) (start $s) (func (export "_start")))
