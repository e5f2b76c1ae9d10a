;; Tries: blocks nested 49,000 deep
;; Ends: exit 0
(module (func (export "_start") %{49000 block }% %{49000 end }%))
