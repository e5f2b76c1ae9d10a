;; Tries: a loop that branches to itself
;; Ends: trap wasm trap: interrupt
(module (func (export "_start") (loop $l (br $l))))
