;; Tries: a loop with a condition that always holds, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (func (export "_start") (local i32) (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if $l (i32.or (local.get 0) (i32.const 1))))))
