//! Folding of operands and results: the value an operator sees is the one that
//! was pushed, whatever happened to locals, slots and accumulators since.

use crate::call;
use dayfly_runtime::trap::Trap;

#[test]
fn a_pushed_local_keeps_its_value_when_the_local_changes() {
    let wat = "(module (func (export \"f\") (param i32) (result i32)
        local.get 0
        (local.set 0 (i32.add (local.get 0) (i32.const 10)))
        local.get 0
        i32.sub))";
    assert_eq!(call::<i32, i32>(wat, 5), Ok(-10));
}

#[test]
fn a_pushed_local_keeps_its_value_over_a_tee() {
    let wat = "(module (func (export \"f\") (param i32) (result i32)
        local.get 0
        (local.tee 0 (i32.mul (local.get 0) (i32.const 3)))
        local.get 0
        i32.add i32.add))";
    assert_eq!(call::<i32, i32>(wat, 2), Ok(14));
}

#[test]
fn a_result_is_not_sent_to_a_local_that_was_read_since() {
    let wat = "(module (func (export \"f\") (param i32) (result i32) (local i32)
        (i32.add (local.get 0) (i32.const 1))
        (local.set 1 (i32.mul (local.get 0) (i32.const 7)))
        local.set 0
        (i32.add (i32.mul (local.get 0) (i32.const 100)) (local.get 1))))";
    assert_eq!(call::<i32, i32>(wat, 2), Ok(314));
}

#[test]
fn a_comparison_that_became_a_branch_leaves_nothing_behind() {
    let wat = "(module (func (export \"f\") (param i32 i32) (result i32)
        (if (result i32) (i32.eqz (i32.lt_s (local.get 0) (local.get 1)))
            (then (i32.const 1)) (else (i32.const 2)))))";
    assert_eq!(call::<(i32, i32), i32>(wat, (1, 2)), Ok(2));
    assert_eq!(call::<(i32, i32), i32>(wat, (2, 2)), Ok(1));
}

#[test]
fn float_comparisons_are_not_negated_into_their_opposites() {
    let wat = "(module (func (export \"f\") (param f64 f64) (result i32)
        (if (result i32) (i32.eqz (f64.lt (local.get 0) (local.get 1)))
            (then (i32.const 1)) (else (i32.const 2)))))";
    assert_eq!(call::<(f64, f64), i32>(wat, (f64::NAN, 1.0)), Ok(1));
    assert_eq!(call::<(f64, f64), i32>(wat, (0.0, 1.0)), Ok(2));
}

#[test]
fn the_accumulator_survives_a_branch_not_taken() {
    let wat = "(module (func (export \"f\") (param i32) (result i32) (local i32)
        (block
            (local.set 1 (i32.add (local.get 0) (i32.const 1)))
            (br_if 0 (i32.gt_s (local.get 1) (i32.const 100)))
            (local.set 1 (i32.mul (local.get 1) (local.get 1))))
        local.get 1))";
    assert_eq!(call::<i32, i32>(wat, 4), Ok(25));
    assert_eq!(call::<i32, i32>(wat, 200), Ok(201));
}

#[test]
fn a_value_under_a_branch_reaches_the_label() {
    let wat = "(module (func (export \"f\") (param i32) (result i32)
        (block (result i32)
            (i32.add (local.get 0) (i32.const 1))
            (br_if 0 (i32.and (local.get 0) (i32.const 1)))
            (i32.mul (i32.const 10)))))";
    assert_eq!(call::<i32, i32>(wat, 1), Ok(2));
    assert_eq!(call::<i32, i32>(wat, 2), Ok(30));
}

#[test]
fn branches_drop_what_lies_under_the_carried_values() {
    let wat = "(module (func (export \"f\") (param i32) (result i32 i32)
        (block (result i32 i32)
            i32.const 7 i32.const 8
            i32.const 1 i32.const 2
            local.get 0
            br_table 0 1 0)
        i32.const 100 i32.add))";
    assert_eq!(call::<i32, (i32, i32)>(wat, 0), Ok((1, 102)));
    assert_eq!(call::<i32, (i32, i32)>(wat, 1), Ok((1, 2)));
    assert_eq!(call::<i32, (i32, i32)>(wat, 9), Ok((1, 102)));
}

#[test]
fn loops_carry_parameters_back() {
    let wat = "(module (func (export \"f\") (param i32) (result i64)
        i64.const 1
        (loop (param i64) (result i64)
            (i64.mul (i64.extend_i32_s (local.get 0)))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if 0 (local.get 0)))))";
    assert_eq!(call::<i32, i64>(wat, 10), Ok(3_628_800));
}

#[test]
fn constants_too_wide_for_an_immediate() {
    let wat = "(module (func (export \"f\") (param i64 f64) (result i64 f64 i64)
        (i64.add (local.get 0) (i64.const 0x123456789abcdef0))
        (f64.mul (local.get 1) (f64.const 0.1))
        (i64.sub (i64.const 0x8000000000) (i64.const 1))))";
    let expected = (0x123456789abcdef1, 0.1 * 3.0, 0x7fffffffff);
    assert_eq!(call::<(i64, f64), (i64, f64, i64)>(wat, (1, 3.0)), Ok(expected));
}

#[test]
fn stores_take_small_immediates_and_no_others() {
    let wat = "(module (memory 1) (func (export \"f\") (result i32 i64 f32)
        (i32.store (i32.const 0) (i32.const -2))
        (i64.store (i32.const 8) (i64.const -40000))
        (f32.store (i32.const 16) (f32.const 1.5))
        (i32.load (i32.const 0)) (i64.load (i32.const 8)) (f32.load (i32.const 16))))";
    assert_eq!(call::<(), (i32, i64, f32)>(wat, ()), Ok((-2, -40000, 1.5)));
}

#[test]
fn accesses_over_the_end_trap() {
    let wat = "(module (memory 1) (func (export \"f\") (param i32) (result i32)
        (i32.load offset=4 (local.get 0))))";
    assert_eq!(call::<i32, i32>(wat, 65_528), Ok(0));
    assert_eq!(call::<i32, i32>(wat, 65_529), Err(Trap::MemoryOutOfBounds));
    assert_eq!(call::<i32, i32>(wat, -1), Err(Trap::MemoryOutOfBounds));
}

#[test]
fn vectors_take_two_slots_everywhere() {
    let wat = "(module (func $two (param v128 i32) (result i32 v128)
            local.get 1 local.get 0)
        (func (export \"f\") (param i32) (result i32) (local v128 v128)
            (local.set 1 (i32x4.splat (local.get 0)))
            (call $two (i32x4.add (local.get 1) (v128.const i32x4 1 2 3 4)) (i32.const 5))
            local.set 2
            (i32.add (i32x4.extract_lane 3 (local.get 2)))))";
    assert_eq!(call::<i32, i32>(wat, 10), Ok(19));
}

#[test]
fn select_and_null_tests() {
    let wat = "(module (func (export \"f\") (param i32) (result i32)
        (select (i32.const 11) (local.get 0) (i32.gt_u (local.get 0) (i32.const 3)))
        (i32.add (ref.is_null (ref.null func)))))";
    assert_eq!(call::<i32, i32>(wat, 3), Ok(4));
    assert_eq!(call::<i32, i32>(wat, 4), Ok(12));
}
