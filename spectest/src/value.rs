//! Arguments of scripts as values, and results against the patterns of scripts.
//! Spec: the reference interpreter's README, "Scripts"; syntax/values, "Floating-Point".

use dayfly::{AnyRef, AsContext, ExternRef, RefType, RootScope, Rooted, Store, V128, Val, ValType};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};

/// The value of an argument, or why there is none.
pub(crate) fn argument(store: &mut Store<()>, arg: &WastArgCore<'_>) -> Result<Val, String> {
    match arg {
        WastArgCore::I32(x) => Ok(Val::I32(*x)),
        WastArgCore::I64(x) => Ok(Val::I64(*x)),
        WastArgCore::F32(x) => Ok(Val::F32(x.bits)),
        WastArgCore::F64(x) => Ok(Val::F64(x.bits)),
        WastArgCore::V128(x) => Ok(Val::V128(V128(x.to_le_bytes()))),
        WastArgCore::RefNull(HeapType::Abstract { ty, .. }) => null(*ty),
        WastArgCore::RefExtern(n) => host_value(store, *n).map(Val::from),
        WastArgCore::RefHost(n) => {
            let value = host_value(store, *n)?;
            AnyRef::convert_extern(store, value).map(Val::from).map_err(|e| format!("{e:#}"))
        }
        WastArgCore::RefNull(_) => Err("null arguments of concrete types are not supported".to_owned()),
    }
}

fn host_value(store: &mut Store<()>, n: u32) -> Result<Rooted<ExternRef>, String> {
    ExternRef::new(store, n).map_err(|error| format!("{error:#}"))
}

/// Whether a result is what a script expects.
pub(crate) fn matches(store: &mut Store<()>, value: &Val, pattern: &WastRetCore<'_>) -> bool {
    match (pattern, value) {
        (WastRetCore::Either(patterns), _) => patterns.iter().any(|p| matches(store, value, p)),
        (WastRetCore::I32(p), Val::I32(v)) => p == v,
        (WastRetCore::I64(p), Val::I64(v)) => p == v,
        (WastRetCore::F32(p), Val::F32(v)) => matches_f32(p, *v),
        (WastRetCore::F64(p), Val::F64(v)) => matches_f64(p, *v),
        (WastRetCore::V128(p), Val::V128(v)) => matches_v128(p, u128::from_le_bytes(v.0)),
        (WastRetCore::RefNull(None), _) => is_null(value),
        (WastRetCore::RefNull(Some(ty)), _) => is_null(value) && is_of_hierarchy(value, ty),
        (WastRetCore::RefExtern(None), Val::ExternRef(v)) => v.is_some(),
        (WastRetCore::RefExtern(Some(n)), Val::ExternRef(Some(v))) => is_host_value(store, *v, *n),
        (WastRetCore::RefHost(n), Val::AnyRef(Some(v))) => {
            let mut scope = RootScope::new(store);
            let external = ExternRef::convert_any(&mut scope, *v);
            external.is_ok_and(|v| is_host_value(&scope, v, *n))
        }
        (WastRetCore::RefAny, _) => is_of(store, value, dayfly::HeapType::Any),
        (WastRetCore::RefEq, _) => is_of(store, value, dayfly::HeapType::Eq),
        (WastRetCore::RefArray, _) => is_of(store, value, dayfly::HeapType::Array),
        (WastRetCore::RefStruct, _) => is_of(store, value, dayfly::HeapType::Struct),
        (WastRetCore::RefI31, _) => is_of(store, value, dayfly::HeapType::I31),
        // Which function it is cannot be told from outside.
        (WastRetCore::RefFunc(_), Val::FuncRef(v)) => v.is_some(),
        _ => false,
    }
}

/// A value as the text format writes it, floats with their bits.
pub(crate) fn display(value: &Val) -> String {
    match value {
        Val::I32(v) => format!("(i32.const {v})"),
        Val::I64(v) => format!("(i64.const {v})"),
        Val::F32(v) => format!("(f32.const {} (; {v:#x} ;))", f32::from_bits(*v)),
        Val::F64(v) => format!("(f64.const {} (; {v:#x} ;))", f64::from_bits(*v)),
        Val::V128(v) => display_lanes(&v.0),
        Val::FuncRef(None) => "(ref.null func)".to_owned(),
        Val::FuncRef(Some(_)) => "(ref.func)".to_owned(),
        Val::ExternRef(None) => "(ref.null extern)".to_owned(),
        Val::ExternRef(Some(_)) => "(ref.extern)".to_owned(),
        Val::AnyRef(None) => "(ref.null any)".to_owned(),
        Val::AnyRef(Some(_)) => "(ref.any)".to_owned(),
        Val::ExnRef(None) => "(ref.null exn)".to_owned(),
        Val::ExnRef(Some(_)) => "(ref.exn)".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A pattern as the text format writes it.
pub(crate) fn display_pattern(pattern: &WastRetCore<'_>) -> String {
    match pattern {
        WastRetCore::I32(p) => format!("(i32.const {p})"),
        WastRetCore::I64(p) => format!("(i64.const {p})"),
        WastRetCore::F32(NanPattern::Value(p)) => display(&Val::F32(p.bits)),
        WastRetCore::F64(NanPattern::Value(p)) => display(&Val::F64(p.bits)),
        WastRetCore::F32(nan) => format!("(f32.const {})", nan_name(nan)),
        WastRetCore::F64(nan) => format!("(f64.const {})", nan_name(nan)),
        WastRetCore::V128(V128Pattern::I8x16(lanes)) => display_lanes(&lanes.map(|lane| lane as u8)),
        other => format!("{other:?}"),
    }
}

fn nan_name<T>(pattern: &NanPattern<T>) -> &'static str {
    match pattern {
        NanPattern::CanonicalNan => "nan:canonical",
        NanPattern::ArithmeticNan => "nan:arithmetic",
        NanPattern::Value(_) => "a value",
    }
}

fn display_lanes(bytes: &[u8; 16]) -> String {
    let lanes: Vec<_> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    format!("(v128.const i8x16 {})", lanes.join(" "))
}

fn null(ty: AbstractHeapType) -> Result<Val, String> {
    match ty {
        AbstractHeapType::Func | AbstractHeapType::NoFunc => Ok(Val::FuncRef(None)),
        AbstractHeapType::Extern | AbstractHeapType::NoExtern => Ok(Val::ExternRef(None)),
        AbstractHeapType::Exn | AbstractHeapType::NoExn => Ok(Val::ExnRef(None)),
        AbstractHeapType::Cont | AbstractHeapType::NoCont => {
            Err("null arguments of continuation types are not supported".to_owned())
        }
        _ => Ok(Val::AnyRef(None)),
    }
}

fn is_host_value(store: impl AsContext<Data = ()>, value: Rooted<ExternRef>, n: u32) -> bool {
    let data = value.data(store.as_context());
    data.is_ok_and(|data| data.and_then(|data| data.downcast_ref()) == Some(&n))
}

/// Whether a value is a reference that is not null, of a heap type.
fn is_of(store: &Store<()>, value: &Val, heap: dayfly::HeapType) -> bool {
    let ty = ValType::Ref(RefType { nullable: false, heap });
    value.matches_ty(store, &ty).unwrap_or(false)
}

fn is_null(value: &Val) -> bool {
    matches!(value, Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None))
}

fn is_of_hierarchy(value: &Val, ty: &HeapType<'_>) -> bool {
    match ty {
        HeapType::Abstract { ty: AbstractHeapType::Func | AbstractHeapType::NoFunc, .. } => {
            matches!(value, Val::FuncRef(_))
        }
        HeapType::Abstract { ty: AbstractHeapType::Extern | AbstractHeapType::NoExtern, .. } => {
            matches!(value, Val::ExternRef(_))
        }
        HeapType::Abstract { ty: AbstractHeapType::Exn | AbstractHeapType::NoExn, .. } => {
            matches!(value, Val::ExnRef(_))
        }
        HeapType::Abstract { .. } => matches!(value, Val::AnyRef(_)),
        // The type index is the module's own; the value's hierarchy is all there is to go by.
        HeapType::Concrete(_) | HeapType::Exact(_) => true,
    }
}

fn matches_f32(pattern: &NanPattern<F32>, bits: u32) -> bool {
    const SIGN: u32 = 1 << 31;
    const QUIET: u32 = 0x7fc0_0000;
    match pattern {
        NanPattern::CanonicalNan => bits & !SIGN == QUIET,
        NanPattern::ArithmeticNan => bits & QUIET == QUIET,
        NanPattern::Value(value) => value.bits == bits,
    }
}

fn matches_f64(pattern: &NanPattern<F64>, bits: u64) -> bool {
    const SIGN: u64 = 1 << 63;
    const QUIET: u64 = 0x7ff8_0000_0000_0000;
    match pattern {
        NanPattern::CanonicalNan => bits & !SIGN == QUIET,
        NanPattern::ArithmeticNan => bits & QUIET == QUIET,
        NanPattern::Value(value) => value.bits == bits,
    }
}

fn matches_v128(pattern: &V128Pattern, bits: u128) -> bool {
    let lane = |i: usize, width: usize| (bits >> (i * width)) as u64;
    match pattern {
        V128Pattern::I8x16(p) => p.iter().enumerate().all(|(i, p)| *p == lane(i, 8) as i8),
        V128Pattern::I16x8(p) => p.iter().enumerate().all(|(i, p)| *p == lane(i, 16) as i16),
        V128Pattern::I32x4(p) => p.iter().enumerate().all(|(i, p)| *p == lane(i, 32) as i32),
        V128Pattern::I64x2(p) => p.iter().enumerate().all(|(i, p)| *p == lane(i, 64) as i64),
        V128Pattern::F32x4(p) => p.iter().enumerate().all(|(i, p)| matches_f32(p, lane(i, 32) as u32)),
        V128Pattern::F64x2(p) => p.iter().enumerate().all(|(i, p)| matches_f64(p, lane(i, 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_patterns_tell_payloads_apart() {
        assert!(matches_f32(&NanPattern::CanonicalNan, 0xffc0_0000));
        assert!(!matches_f32(&NanPattern::CanonicalNan, 0x7fc0_0001));
        assert!(matches_f32(&NanPattern::ArithmeticNan, 0x7fc0_0001));
        assert!(!matches_f32(&NanPattern::ArithmeticNan, 0x7f80_0001));
        assert!(!matches_f32(&NanPattern::Value(F32 { bits: 0 }), 0x8000_0000));
        assert!(matches_f64(&NanPattern::CanonicalNan, 0x7ff8_0000_0000_0000));
        assert!(!matches_f64(&NanPattern::ArithmeticNan, 0x7ff0_0000_0000_0001));
    }

    #[test]
    fn lanes_are_compared_one_by_one() {
        let bits = u128::from_le_bytes(std::array::from_fn(|i| i as u8));
        assert!(matches_v128(&V128Pattern::I8x16(std::array::from_fn(|i| i as i8)), bits));
        assert!(matches_v128(&V128Pattern::I64x2([0x0706050403020100, 0x0f0e0d0c0b0a0908]), bits));
        assert!(!matches_v128(&V128Pattern::I64x2([0x0706050403020100, 0]), bits));
        let nan = u128::from(0x7fc0_0000u32) << 96;
        let zero = NanPattern::Value(F32 { bits: 0 });
        assert!(matches_v128(&V128Pattern::F32x4([zero, zero, zero, NanPattern::CanonicalNan]), nan));
        assert!(!matches_v128(&V128Pattern::F32x4([zero, zero, zero, zero]), nan));
    }
}
