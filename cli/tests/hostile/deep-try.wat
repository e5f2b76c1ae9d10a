;; Tries: try_table nested 20,000 deep around one throw
;; Ends: exit 0
;; Within: 60s 400m
(module (tag $t) (func (export "_start") block %{20000 try_table (catch_all %n) }% throw $t %{20000 end }% end))
