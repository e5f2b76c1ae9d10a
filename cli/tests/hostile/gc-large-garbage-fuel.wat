;; Tries: arrays of megabytes that are garbage at once, in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (type $a (array i8)) (func (export "_start") (loop $l (drop (array.new_default $a (i32.const 4000000))) (br $l))))
