;; Never ends.
(module $endless
  (func (export "_start") (loop $again (br $again))))
