;; Tries: a table that grows between the check and the use of an index
;; Ends: trap uninitialized element
(module (type $t (func)) (table 1 funcref) (func $grow (result i32) (table.grow (ref.null func) (i32.const 1000))) (func (export "_start") (call_indirect (type $t) (call $grow))))
