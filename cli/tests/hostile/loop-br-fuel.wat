;; Tries: a loop that branches to itself, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (func (export "_start") (loop $l (br $l))))
