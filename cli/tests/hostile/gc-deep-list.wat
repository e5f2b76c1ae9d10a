;; Tries: a list a hundred thousand deep is collected: nothing recurses by it
;; Ends: exit 0
(module (type $s (struct (field (ref null $s)))) (func (export "_start") (local (ref null $s) i32) (loop $l (local.set 0 (struct.new $s (local.get 0))) (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (i32.const 100000)))) (local.set 1 (i32.const 0)) (loop $m (drop (struct.new $s (ref.null $s))) (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $m (i32.lt_u (local.get 1) (i32.const 1000000))))))
