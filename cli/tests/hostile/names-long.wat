;; Tries: function names of a megabyte, in a trap
;; Ends: trap unreachable
;; Within: 20s 200m
(module (func $f (export "_start") (call $%{50000 aaaaaaaaaaaaaaaaaaaa}%)) (func $%{50000 aaaaaaaaaaaaaaaaaaaa}% unreachable))
