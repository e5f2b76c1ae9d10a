;; Tries: a list of structures that grows without end
;; Ends: trap GC heap exhausted
(module (type $s (struct (field (ref null $s)))) (func (export "_start") (local (ref null $s)) (loop $l (local.set 0 (struct.new $s (local.get 0))) (br $l))))
