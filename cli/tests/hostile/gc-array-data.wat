;; Tries: array.new_data and array.new_elem with lengths that wrap
;; Ends: trap out of bounds
(module (type $a (array i64)) (data $d "abc") (func (export "_start") (drop (array.new_data $a $d (i32.const -1) (i32.const 0x20000000)))))
