;; Tries: 100,000 types, all of them equal
;; Ends: exit 0
;; Within: 20s 300m
(module %{100000 (type (func (param i32 i64) (result f32))) }% (func (export "_start")))
