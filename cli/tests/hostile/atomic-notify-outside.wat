;; Tries: a notification behind the end of memory
;; Ends: trap out of bounds memory access
(module (memory 1 1 shared) (func (export "_start") (drop (memory.atomic.notify (i32.const 65536) (i32.const -1)))))
