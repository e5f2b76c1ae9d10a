;; Tries: exceptions that are thrown and caught in a loop, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (tag $t (param i32)) (func (export "_start") (loop $l (block $h (result i32) (try_table (catch $t $h) (throw $t (i32.const 7))) (unreachable)) (drop) (br $l))))
