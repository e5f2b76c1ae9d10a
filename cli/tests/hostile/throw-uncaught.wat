;; Tries: an exception that nobody catches, with 500 parameters
;; Ends: trap uncaught exception
(module (tag $t (param %{500 i64 }%)) (func (export "_start") %{500 (i64.const %n) }% (throw $t)))
