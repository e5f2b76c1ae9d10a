//! Modules for what random ones seldom or never have: legacy exceptions, dead ends,
//! branches on references.

pub const MODULES: &[&str] = &[
    // Legacy exceptions: handlers, delegates, rethrows, dead arms.
    r#"(module (tag $e (param i32 i64)) (tag $f)
      (func (result i32)
        try (result i32)
          i32.const 1
        catch $e
          drop
        catch $f
          i32.const 2
          br 0
        catch_all
          rethrow 0
        end)
      (func (param i32) (result i32)
        block $out (result i32)
          try $t (result i32)
            try
              local.get 0 br_if 0
              throw $f
            delegate $t
            try
              unreachable
            delegate 2
            unreachable
          catch $f
            try
              throw $f
            catch $f
              rethrow 1
            end
            i32.const 3
          end
          i32.const 4 i32.add
        end)
      (func
        try
          throw $f
        end
        try
          throw $f
        catch_all
        end
        return
        try nop catch $f rethrow 0 end try nop delegate 0
      ))"#,
    // Ends that nothing reaches, and what follows them.
    r#"(module
      (func (result i32)
        block unreachable end
        i32.const 1)
      (func (param i32) (result i32)
        block (result i32)
          local.get 0
          if (result i32) i32.const 1 return else i32.const 2 br 1 end
          i32.const 7 i32.add
          loop br 0 end
        end)
      (func (param i32)
        local.get 0
        if unreachable end
        local.get 0
        if unreachable else unreachable end
        nop
        block br 0 end)
      (func (result i64)
        loop (result i64)
          block br 1 end
          f32.const 1
          unreachable
        end)
      (func
        block block block br 2 end unreachable end unreachable end
        block (br_table 0 0 1 (i32.const 0)) end))"#,
    // Dead code with every kind of immediate.
    r#"(module (memory 1) (table 1 funcref) (tag $e) (type $s (struct (field i8)))
      (type $a (array (mut i16))) (data $d "x") (elem $x funcref) (elem declare func $f) (global $g (mut i32) (i32.const 0))
      (func $f (result i32) (local i64 v128)
        unreachable
        block i32.const -5 drop end
        loop (result i32) i64.const 0x7fffffffffffffff drop f32.const 1 drop f64.const 2 drop i32.const 0 end
        drop
        if try_table (catch $e 0) (catch_all 0) end else end
        (v128.store offset=70000 (i32.const 0) (v128.const i64x2 1 2))
        (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 1) (local.get 1)))
        (drop (i8x16.extract_lane_s 3 (local.get 1)))
        (drop (v128.load8_lane 3 (i32.const 0) (local.get 1)))
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $d)
        (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
        (table.init $x (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $x)
        (drop (table.grow (ref.null func) (i32.const 0))) (drop (table.size)) (drop (memory.grow (i32.const 1)))
        (drop (struct.get_s $s 0 (struct.new $s (i32.const 1))))
        (drop (array.new_fixed $a 2 (i32.const 0) (i32.const 1)))
        (drop (ref.test (ref null $s) (ref.null any))) (drop (ref.cast anyref (ref.null any)))
        (block $l (result anyref) (br_on_cast $l anyref (ref $s) (ref.null any))) drop
        (drop (select (result funcref) (ref.func $f) (ref.null func) (i32.const 1)))
        (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) atomic.fence
        (drop (call_indirect (result i32) (i32.const 0)))
        (br_table 0 0 0 (i32.const 0) (i32.const 0))
        (return_call $f)))"#,
    // References: what branches leave behind, nullability, casts.
    r#"(module (type $s (sub (struct (field i32)))) (type $t (sub $s (struct (field i32) (field f32))))
      (type $f (func (param i32) (result i32)))
      (func $id (type $f) local.get 0) (elem declare func $id)
      (func (param (ref null $s) (ref null $f)) (result i32)
        block $null (result i64)
          i64.const 1
          local.get 0
          br_on_null $null
          struct.get $s 0
          drop
        end
        drop
        block $some (result (ref $s))
          local.get 0
          br_on_non_null $some
          i32.const 0 return
        end
        block $t (param (ref null $s)) (result (ref null $t))
          br_on_cast $t (ref null $s) (ref null $t)
          drop
          block $n (result (ref null $s))
            local.get 0
            br_on_cast_fail $n (ref null $s) (ref $t)
            br $t
          end
          ref.as_non_null ref.is_null drop
          ref.null $t
        end
        ref.is_null drop
        i32.const 5
        local.get 1
        call_ref $f
        ref.func $id
        return_call_ref $f)
      (func (param externref) (result externref)
        local.get 0 any.convert_extern extern.convert_any
        local.get 0 ref.as_non_null any.convert_extern extern.convert_any
        drop))"#,
    // Exceptions, block parameters, wide arithmetic, many locals.
    r#"(module (tag $e (param i32)) (tag $none)
      (func (param i64) (result i64) (local i32 i32 i64) (local f64)
        block $h (result i32 exnref)
          block $all
            try_table (catch_ref $e $h) (catch_all $all)
              i32.const 1 throw $e
            end
          end
          i64.const 1 return
        end
        throw_ref)
      (func (param i64 i64) (result i64 i64)
        local.get 0 local.get 1
        loop (param i64 i64) (result i64 i64)
          local.get 0 local.get 1
          i64.add128
          local.get 0 local.get 1
          i64.mul_wide_s
          i64.sub128
          local.get 0
          i64.eqz
          br_if 0
        end))"#,
];
