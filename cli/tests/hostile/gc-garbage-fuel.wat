;; Tries: structures that are garbage at once, in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $s (struct (field i64 i64))) (func (export "_start") (loop $l (drop (struct.new_default $s)) (br $l))))
