;; Tries: more types than the host lets the engine keep
;; Ends: error bytes of types in the engine requested, 524288 allowed
;; With: -W max-types-size=512k
(module (type (struct %{10000 (field i32) }%)) (type (struct %{10000 (field i64) }%)) (type (struct %{10000 (field f32) }%))
  (func (export "_start")))
