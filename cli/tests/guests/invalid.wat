;; Text that is a module, but an invalid one.
(module (func (result i32)))
