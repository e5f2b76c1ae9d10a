;; Tries: recursion inside of try_table: running out of stack is nothing that a guest can catch
;; Ends: trap call stack exhausted
(module (func $f (block $h (try_table (catch_all $h) (call $f)))) (func (export "_start") (call $f)))
