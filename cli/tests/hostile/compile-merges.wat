;; Tries: a thousand values that are alive where 12,000 paths meet: gigabytes of block parameters
;; Ends: exit 0
;; Within: 20s 250m
(module (func (export "_start") (local %{1000 i64 }% i32)
  %{12 %{1000 block loop local.get 1000 br_if 1 local.get %n local.get 77 i64.add local.set %n local.get 1000 br_if 0 end end }% }%))
