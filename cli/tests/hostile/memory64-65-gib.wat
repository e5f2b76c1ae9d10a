;; Tries: a memory that begins with 65 GiB: as much is to be noted of its pages as other memories take
;; With: -W max-memory-size=100g
;; Ends interp: exit 0
;; Ends: error limit exceeded
(module (memory i64 0x104000)
  (func (export "_start")
    (i32.store8 (i64.const 0x103fffffff) (i32.const 7))
    (br_if 0 (i32.eq (i32.load8_u (i64.const 0x103fffffff)) (i32.const 7)))
    unreachable))
