;; Tries: a table with a minimum of 2^32-1 entries
;; Ends: error limit
(module (table 0xffffffff funcref) (func (export "_start")))
