;; Tries: overlapping copies of memory, forwards and backwards
;; Ends: prints 67305985 50397441
;; With: --invoke f
(module (memory 1) (data (i32.const 0) "\01\02\03\04\05\06\07\08")
  (func (export "f") (result i32 i32) (local i32)
    (memory.copy (i32.const 4) (i32.const 0) (i32.const 8)) (local.set 0 (i32.load (i32.const 8)))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 2)) (memory.copy (i32.const 1) (i32.const 0) (local.tee 0 (i32.const 3)))
    (i32.load (i32.const 4)) (i32.load offset=0 (i32.const 0))))
