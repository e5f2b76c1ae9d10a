;; Tries: a constant expression that makes structures within structures
;; Ends: exit 0
;; Within: 20s 300m
(module (type $s (struct (field anyref))) (global anyref (ref.null any) %{20000 struct.new $s }%) (func (export "_start")))
