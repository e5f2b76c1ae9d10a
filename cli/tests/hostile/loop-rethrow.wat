;; Tries: an exception that is caught with its reference and thrown again in a loop
;; Ends: trap wasm trap: interrupt
(module (tag $t)
  (func (export "_start") (local exnref)
    (block $first (result exnref) (try_table (catch_all_ref $first) (throw $t)) (unreachable))
    (local.set 0)
    (loop $l
      (block $h (result exnref) (try_table (catch_all_ref $h) (throw_ref (local.get 0))) (unreachable))
      (local.set 0) (br $l))))
