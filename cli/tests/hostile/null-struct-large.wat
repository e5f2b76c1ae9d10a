;; Tries: a field far inside of a null structure: behind a page that stays empty
;; Ends: trap null structure reference
(module (type $t (struct %{9000 (field (mut v128)) }%)) (func (export "_start") (struct.set $t 8999 (ref.null $t) (v128.const i64x2 1 2))))
