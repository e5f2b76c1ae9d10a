;; Tries: an active segment behind the end: the ones before it stay written, the module is refused
;; Ends: trap out of bounds memory access
(module (memory 1) (data (i32.const 65535) "ab") (func (export "_start")))
