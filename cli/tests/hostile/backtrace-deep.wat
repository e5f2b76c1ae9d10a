;; Tries: a trap below 10,000 frames
;; Ends: trap unreachable
(module (func $f (param i32) (if (i32.eqz (local.get 0)) (then unreachable)) (call $f (i32.sub (local.get 0) (i32.const 1))) (nop)) (func (export "_start") (call $f (i32.const 10000))))
