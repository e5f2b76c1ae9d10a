;; Tries: an array that is just below the size of the heap, twice
;; Ends: trap GC heap exhausted
(module (type $a (array i8)) (func (export "_start") (local (ref null $a)) (local.set 0 (array.new_default $a (i32.const 16000000))) (drop (array.new_default $a (i32.const 16000000))) (drop (array.len (local.get 0)))))
