;; Tries: a start function that grows a memory and never ends
;; Ends: trap wasm trap: interrupt
(module (memory 1) (func $s (loop $l (drop (memory.grow (i32.const 1))) (br $l))) (start $s) (func (export "_start")))
