;; Tries: blocks nested 100,000 deep
;; Ends: error module too large
(module (func (export "_start") %{100000 block }% %{100000 end }%))
