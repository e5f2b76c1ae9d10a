;; Tries: an atomic access that is not aligned
;; Ends: trap unaligned atomic
(module (memory 1 1 shared) (func (export "_start") (drop (i64.atomic.rmw.add (i32.const 4) (i64.const 1)))))
