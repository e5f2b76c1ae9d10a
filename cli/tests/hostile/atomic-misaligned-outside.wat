;; Tries: an atomic access that is neither aligned nor in bounds
;; Ends: trap unaligned atomic
(module (memory 1 1 shared) (func (export "_start") (drop (i32.atomic.load (i32.const 65535)))))
