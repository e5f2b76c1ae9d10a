;; For measuring calls: loops that call n times, and one that does not call.
(module
  (import "bench" "host" (func $host (param i32) (result i32)))
  (func $next (export "next") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 1)))
  (func (export "count") (param $n i32) (result i32)
    (local $state i32)
    (loop $again
      (local.set $state (i32.add (local.get $state) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state))
  (func (export "call_host") (param $n i32) (result i32)
    (local $state i32)
    (loop $again
      (local.set $state (call $host (local.get $state)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state))
  (func (export "call_guest") (param $n i32) (result i32)
    (local $state i32)
    (loop $again
      (local.set $state (call $next (local.get $state)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $state)))
