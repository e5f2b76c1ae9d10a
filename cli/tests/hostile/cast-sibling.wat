;; Tries: a structure taken for its sibling, which has more fields
;; Ends: trap cast failure
(module (type $p (sub (struct))) (type $a (sub $p (struct (field i32)))) (type $b (sub $p (struct (field i32 i64 i64)))) (func (export "_start") (local (ref null $p)) (local.set 0 (struct.new $a (i32.const 1))) (drop (struct.get $b 2 (ref.cast (ref $b) (local.get 0))))))
