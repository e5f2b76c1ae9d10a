;; Tries: a memory with a minimum of 4 GiB
;; Ends: error limit exceeded
(module (memory 65536) (func (export "_start")))
