;; Tries: exceptions through fifty frames in a loop
;; Ends: trap wasm trap: interrupt
(module (tag $t)
  (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t))))
  (func (export "_start") (loop $l (block $h (try_table (catch_all $h) (call $down (i32.const 50)))) (br $l))))
