;; Tries: structures that are garbage at once, in a loop
;; Ends: trap wasm trap: interrupt
(module (type $s (struct (field i64 i64))) (func (export "_start") (loop $l (drop (struct.new_default $s)) (br $l))))
