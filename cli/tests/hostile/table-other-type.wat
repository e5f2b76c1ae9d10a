;; Tries: call_indirect of functions whose type differs in one parameter
;; Ends: trap indirect call type mismatch
(module (type $t (func (param i32 i64))) (table funcref (elem $f)) (func $f (param i64 i32)) (func (export "_start") (call_indirect (type $t) (i32.const 1) (i64.const 2) (i32.const 0))))
