;; Tries: a data segment that is dropped, then used
;; Ends: trap out of bounds memory access
(module (memory 1) (data $d "abcd") (func (export "_start") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4)) (data.drop $d) (data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))
