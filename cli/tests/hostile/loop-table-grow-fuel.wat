;; Tries: table.grow until it is refused, and on, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (table 0 externref) (func (export "_start") (loop $l (drop (table.grow (ref.null extern) (i32.const 1))) (br $l))))
