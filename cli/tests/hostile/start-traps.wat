;; Tries: a start function that traps
;; Ends: trap unreachable
(module (func $s unreachable) (start $s) (func (export "_start")))
