;; Tries: a hundred memories that all grow
;; Ends: trap wasm trap: interrupt
;; With: -W max-memory-size=640k
(module %{100 (memory 0) }% (func (export "_start") (loop $l %{100 (drop (memory.grow %n (i32.const 1))) }% (br $l))))
