;; Tries: 100,000 exports with long names
;; Ends: exit 0
;; Within: 20s 400m
(module (func $f (export "_start")) %{100000 (export "a-name-that-is-long-enough-to-take-some-memory-of-its-own-and-then-some-%n" (func $f)) }%)
