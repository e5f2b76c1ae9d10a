;; A reference that is checked and then goes to a local or global is the one that was checked,
;; not what its slot had before: `$fill` leaves -1 in the slots, which is no null and an i31.
(module
  (type $s (struct))
  (global $null (mut (ref null $s)) (ref.null $s))
  (global $struct (mut anyref) (struct.new $s))

  (func $fill (local i64 i64 i64 i64 i64 i64 i64 i64)
    (local.set 0 (i64.const -1)) (local.set 1 (i64.const -1)) (local.set 2 (i64.const -1))
    (local.set 3 (i64.const -1)) (local.set 4 (i64.const -1)) (local.set 5 (i64.const -1))
    (local.set 6 (i64.const -1)) (local.set 7 (i64.const -1)))

  (func $non-null-to-global (global.set $null (ref.as_non_null (global.get $null))))
  (func (export "non-null to global") (call $fill) (call $non-null-to-global))

  (func $non-null-to-local (local $l (ref null $s))
    (local.set $l (ref.as_non_null (global.get $null))))
  (func (export "non-null to local") (call $fill) (call $non-null-to-local))

  (func $cast-to-global (global.set $struct (ref.cast (ref i31) (global.get $struct))))
  (func (export "cast to global") (call $fill) (call $cast-to-global))

  (func $cast-to-local (local $l i31ref)
    (local.set $l (ref.cast (ref i31) (global.get $struct))))
  (func (export "cast to local") (call $fill) (call $cast-to-local))
)

(assert_trap (invoke "non-null to global") "null reference")
(assert_trap (invoke "non-null to local") "null reference")
(assert_trap (invoke "cast to global") "cast failure")
(assert_trap (invoke "cast to local") "cast failure")
