;; Tries: calls of an empty function in a loop
;; Ends: trap wasm trap: interrupt
(module (func $f) (func (export "_start") (loop $l (call $f) (call $f) (br $l))))
