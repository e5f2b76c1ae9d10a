;; Tries: the float -1 to an unsigned integer, after -0.99 that is 0
;; Ends: trap integer overflow
(module (func $t (param f32) (result i32) (i32.trunc_f32_u (local.get 0))) (func (export "_start") (drop (call $t (f32.const -0.99))) (drop (call $t (f32.const -1)))))
