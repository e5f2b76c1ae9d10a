;; Tries: a 64-bit table called at 2^32 and at its length
;; Ends: trap undefined element
(module (type $t (func)) (table i64 10 funcref) (func (export "_start") (call_indirect (type $t) (i64.const 0x100000000))))
