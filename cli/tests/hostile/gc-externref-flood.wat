;; Tries: externref of i31, made and kept without end
;; Ends: trap GC heap exhausted
(module (type $a (struct (field externref) (field (ref null $a)))) (func (export "_start") (local (ref null $a)) (loop $l (local.set 0 (struct.new $a (extern.convert_any (ref.i31 (i32.const 1))) (local.get 0))) (br $l))))
