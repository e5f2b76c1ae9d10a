;; Tries: a memory that begins with 4 GiB, the most that 32 bits address, written at both ends
;; With: -W max-memory-size=4g
;; Ends: exit 0
(module (memory 65536)
  (func (export "_start")
    (i32.store8 (i32.const 0) (i32.const 1))
    (i32.store8 (i32.const -1) (i32.const 7))
    (br_if 0 (i32.eq (i32.load8_u (i32.const -1)) (i32.const 7)))
    unreachable))
