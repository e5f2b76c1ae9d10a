;; An instance whose active segment is out of bounds has written those before it. What it left in another's table
;; may use its passive segments, which are there although they stand behind the one that failed.

(module $host
  (type $make (func (result i32)))
  (table (export "table") 4 funcref)
  (func (export "call") (param i32) (result i32)
    (call_indirect (type $make) (local.get 0))))
(register "host" $host)

(assert_trap
  (module
    (type $make (func (result i32)))
    (type $refs (array (mut anyref)))
    (table $table (import "host" "table") 4 funcref)
    (elem (table $table) (i32.const 0) func $new $init)
    (elem (table $table) (i32.const 9) func $new)
    (elem $passive anyref (ref.i31 (i32.const 7)) (ref.i31 (i32.const 8)))
    (func $new (type $make)
      (i31.get_u (ref.cast (ref i31) (array.get $refs
        (array.new_elem $refs $passive (i32.const 0) (i32.const 2)) (i32.const 1)))))
    (func $init (type $make) (local $array (ref $refs))
      (local.set $array (array.new_default $refs (i32.const 2)))
      (array.init_elem $refs $passive (local.get $array) (i32.const 0) (i32.const 0) (i32.const 2))
      (i31.get_u (ref.cast (ref i31) (array.get $refs (local.get $array) (i32.const 0))))))
  "out of bounds table access")

(assert_return (invoke $host "call" (i32.const 0)) (i32.const 8))
(assert_return (invoke $host "call" (i32.const 1)) (i32.const 7))
