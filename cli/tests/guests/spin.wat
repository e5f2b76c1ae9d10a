;; Goes round a loop as often as it is told.
(module
  (func $spin (export "spin") (param i32)
    (loop $again
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
