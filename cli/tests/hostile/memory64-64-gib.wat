;; Tries: a memory of 64 GiB, as much as compiled code reaches without comparing: its last bytes, and the first behind them
;; With: -W max-memory-size=64g
;; Ends: trap out of bounds memory access
(module (memory i64 0x100000)
  (func (export "_start")
    (i32.store (i64.const 0xffffffffc) (i32.const 7))
    (i32.store offset=0x1fffff8 (i64.const 0xffe000000) (i32.const 9))
    (if (i64.ne (i64.load (i64.const 0xffffffff8)) (i64.const 0x700000009)) (then (return)))
    (drop (i32.load offset=1 (i64.const 0xffffffffc)))))
