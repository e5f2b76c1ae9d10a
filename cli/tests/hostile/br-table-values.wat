;; Tries: a br_table of many targets that carry many values
;; Ends: error module too large
(module (type $t (func (result %{500 i64 }%))) (func (type $t) (local i32) (block $b (type $t) %{500 (i64.const 0) }% (br_table %{5000 $b }% $b (local.get 0)))) (func (export "_start")))
