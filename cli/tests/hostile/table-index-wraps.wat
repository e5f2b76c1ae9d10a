;; Tries: call_indirect with the largest index
;; Ends: trap undefined element
(module (type $t (func)) (table 10 funcref) (func (export "_start") (call_indirect (type $t) (i32.const -1))))
