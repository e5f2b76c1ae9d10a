;; Calls through a table: a machine of four instructions runs for n steps.
(module
  (type $step (func (param i32) (result i32)))
  (table funcref (elem $add $multiply $rotate $flip))
  (func $add (type $step) (i32.add (local.get 0) (i32.const 0x9e3779b9)))
  (func $multiply (type $step) (i32.mul (local.get 0) (i32.const 1664525)))
  (func $rotate (type $step) (i32.rotl (local.get 0) (i32.const 7)))
  (func $flip (type $step)
    (i32.xor (local.get 0) (i32.shr_u (local.get 0) (i32.const 15))))
  (func (export "run") (param $n i32) (result i32)
    (local $state i32)
    (local.set $state (i32.const 1))
    (loop $steps
      (local.set $state
        (call_indirect (type $step)
          (local.get $state)
          (i32.and
            (i32.add (local.get $n) (i32.shr_u (local.get $state) (i32.const 29)))
            (i32.const 3))))
      (br_if $steps (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state)))
