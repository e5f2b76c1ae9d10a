;; Tries: a start function that grows a memory and never ends, against fuel
;; Ends: trap all fuel consumed
;; With: -W fuel=2000000
(module (memory 1) (func $s (loop $l (drop (memory.grow (i32.const 1))) (br $l))) (start $s) (func (export "_start")))
