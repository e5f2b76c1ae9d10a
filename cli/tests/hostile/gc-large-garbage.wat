;; Tries: arrays of megabytes that are garbage at once, in a loop
;; Ends: trap wasm trap: interrupt
(module (type $a (array i8)) (func (export "_start") (loop $l (drop (array.new_default $a (i32.const 4000000))) (br $l))))
