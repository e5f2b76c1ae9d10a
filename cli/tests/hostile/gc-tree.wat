;; Tries: arrays of arrays, each with ten thousand references to the last
;; Ends: trap GC heap exhausted
(module (type $a (array (mut anyref))) (func (export "_start") (local anyref) (loop $l (local.set 0 (array.new $a (local.get 0) (i32.const 10000))) (br $l))))
