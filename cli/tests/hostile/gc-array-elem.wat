;; Tries: array.new_elem beyond its segment with a sum that wraps
;; Ends: trap out of bounds table access
(module (type $a (array funcref)) (elem $e func) (func (export "_start") (drop (array.new_elem $a $e (i32.const -1) (i32.const 2)))))
