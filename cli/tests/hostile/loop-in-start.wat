;; Tries: a start function that does not end
;; Ends: trap wasm trap: interrupt
(module (func $s (loop $l (br $l))) (start $s) (func (export "_start")))
