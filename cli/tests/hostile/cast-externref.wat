;; Tries: an externalized i31 that comes back as a structure
;; Ends: trap cast failure
(module (func (export "_start") (drop (ref.cast (ref struct) (any.convert_extern (extern.convert_any (ref.i31 (i32.const -1))))))))
