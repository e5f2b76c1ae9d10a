;; Tries: a trap under thousands of frames with long names
;; Ends: trap unreachable
;; Within: 20s 200m
(module (func $%{1000 name}% (param i32) (if (local.get 0) (then (call 0 (i32.sub (local.get 0) (i32.const 1)))) (else unreachable)) (nop)) (func (export "_start") (call 0 (i32.const 5000))))
