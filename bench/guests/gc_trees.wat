;; Binary trees: many short-lived ones are built and walked while one stays alive.
;; run(depth): nodes of the short-lived trees, which are counted in walking them.
(module
  (type $node (struct (field $left (ref null $node)) (field $right (ref null $node))))
  (func $build (param $depth i32) (result (ref $node))
    (if (result (ref $node)) (i32.eqz (local.get $depth))
      (then (struct.new_default $node))
      (else
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (struct.new $node (call $build (local.get $depth)) (call $build (local.get $depth))))))
  (func $count (param $tree (ref $node)) (result i32)
    (if (result i32) (ref.is_null (struct.get $node $left (local.get $tree)))
      (then (i32.const 1))
      (else
        (i32.add (i32.const 1)
          (i32.add
            (call $count (ref.as_non_null (struct.get $node $left (local.get $tree))))
            (call $count (ref.as_non_null (struct.get $node $right (local.get $tree)))))))))
  (func (export "run") (param $depth i32) (result i32)
    (local $kept (ref $node)) (local $d i32) (local $n i32) (local $sum i32)
    (local.set $kept (call $build (local.get $depth)))
    (local.set $d (i32.const 4))
    ;; As many nodes at every depth: the shallower the trees, the more of them.
    (loop $depths
      (local.set $n (i32.shl (i32.const 1)
        (i32.add (i32.sub (local.get $depth) (local.get $d)) (i32.const 4))))
      (loop $trees
        (local.set $sum (i32.add (local.get $sum) (call $count (call $build (local.get $d)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $trees (local.get $n)))
      (local.set $d (i32.add (local.get $d) (i32.const 2)))
      (br_if $depths (i32.le_u (local.get $d) (local.get $depth))))
    ;; The one that was kept is whole.
    (i32.add (local.get $sum) (call $count (local.get $kept)))))
