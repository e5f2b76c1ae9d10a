;; Tries: i31 taken for a structure
;; Ends: trap cast failure
(module (type $t (struct (field i64))) (func (export "_start") (drop (struct.get $t 0 (ref.cast (ref $t) (ref.i31 (i32.const 0x1000)))))))
