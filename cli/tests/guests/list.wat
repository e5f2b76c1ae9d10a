(module $list
    (type $list (struct (field i32) (field (ref null $list))))
    (tag $thrown (param i32))
    (func (export "sum") (param $n i32) (result i32)
        (local $list (ref null $list)) (local $sum i32)
        (loop $make
            (local.set $list (struct.new $list (local.get $n) (local.get $list)))
            (br_if $make (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (loop $add
            (local.set $sum (i32.add (local.get $sum) (struct.get $list 0 (local.get $list))))
            (br_if $add (i32.eqz (ref.is_null
                (local.tee $list (struct.get $list 1 (local.get $list)))))))
        (local.get $sum))
    (func $throw (export "throw") (throw $thrown (i32.const 7))))
