//! Arguments of `--invoke` as values of the function's types, and its results as text.

use dayfly::{Ref, V128, Val, ValType};

/// Reads an argument of a type.
///
/// # Errors
/// Says what would have been understood.
pub fn parse(text: &str, ty: ValType) -> Result<Val, String> {
    let value = match ty {
        ValType::I32 => integer(text, 32).map(|bits| Val::I32(bits as i32)),
        ValType::I64 => integer(text, 64).map(|bits| Val::I64(bits as i64)),
        ValType::V128 => integer(text, 128).map(|bits| Val::V128(V128(bits.to_le_bytes()))),
        ValType::F32 => float(text).map(|x| Val::F32((x as f32).to_bits())),
        ValType::F64 => float(text).map(|x| Val::F64(x.to_bits())),
        ValType::Ref(r) if text == "null" && r.nullable => Ref::null(r.heap).map(Val::from),
        ValType::Ref(_) => None,
    };
    value.ok_or_else(|| format!("`{text}` is not {}", expected(ty)))
}

/// A value as text: what `parse` reads, except for references that are not null.
pub fn display(value: &Val) -> String {
    match value {
        Val::I32(v) => v.to_string(),
        Val::I64(v) => v.to_string(),
        Val::F32(bits) => display_float(f64::from(f32::from_bits(*bits)), &f32::from_bits(*bits).to_string()),
        Val::F64(bits) => display_float(f64::from_bits(*bits), &f64::from_bits(*bits).to_string()),
        Val::V128(v) => format!("{:#034x}", u128::from_le_bytes(v.0)),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => {
            "null".to_owned()
        }
        Val::FuncRef(Some(_)) => "funcref".to_owned(),
        Val::ExternRef(Some(_)) => "externref".to_owned(),
        Val::AnyRef(Some(_)) => "anyref".to_owned(),
        Val::ExnRef(Some(_)) => "exnref".to_owned(),
        other => format!("{other:?}"),
    }
}

fn display_float(value: f64, text: &str) -> String {
    match value.is_nan() {
        true if value.is_sign_negative() => "-nan".to_owned(),
        true => "nan".to_owned(),
        false => text.to_owned(),
    }
}

fn expected(ty: ValType) -> String {
    match ty {
        ValType::I32 => "an i32: a whole number of 32 bits, signed or not, perhaps `0x...`".to_owned(),
        ValType::I64 => "an i64: a whole number of 64 bits, signed or not, perhaps `0x...`".to_owned(),
        ValType::V128 => "a v128: a whole number of 128 bits, perhaps `0x...`".to_owned(),
        ValType::F32 | ValType::F64 => format!("an {ty}: a number, `inf`, `nan`"),
        ValType::Ref(r) if r.nullable => format!("a {ty}: only `null` can be given"),
        ValType::Ref(_) => format!("a {ty}, which cannot be given on a command line"),
    }
}

/// The bits of a whole number that fits `width` bits, signed or unsigned.
fn integer(text: &str, width: u32) -> Option<u128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = magnitude(digits)?;
    let mask = u128::MAX >> (128 - width);
    if negative {
        (magnitude <= 1 << (width - 1)).then(|| magnitude.wrapping_neg() & mask)
    } else {
        (magnitude <= mask).then_some(magnitude)
    }
}

fn magnitude(digits: &str) -> Option<u128> {
    let plain = digits.replace('_', "");
    // The standard library would take a second sign.
    if plain.starts_with(['+', '-']) {
        return None;
    }
    match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with(['+', '-']) => u128::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => plain.parse().ok(),
    }
}

/// A decimal number, a hexadecimal whole number, `inf` or `nan`.
fn float(text: &str) -> Option<f64> {
    if let Ok(value) = text.replace('_', "").parse() {
        return Some(value);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    magnitude(digits).map(|m| sign * m as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_signed_or_unsigned() {
        let parse_i32 = |text| parse(text, ValType::I32).map(|v| v.unwrap_i32());
        assert_eq!(parse_i32("-1"), Ok(-1));
        assert_eq!(parse_i32("4294967295"), Ok(-1));
        assert_eq!(parse_i32("0x8000_0000"), Ok(i32::MIN));
        assert_eq!(parse_i32("-2147483648"), Ok(i32::MIN));
        assert!(parse_i32("4294967296").is_err());
        assert!(parse_i32("-2147483649").is_err());
        assert!(parse_i32("--1").is_err());
        assert!(parse_i32("").is_err());
        assert!(parse_i32("1.5").unwrap_err().contains("`1.5` is not an i32"));
        assert_eq!(parse("-1", ValType::I64).unwrap().unwrap_i64(), -1);
    }

    #[test]
    fn floats_and_vectors_print_as_they_are_read() {
        for (text, ty) in [
            ("0.1", ValType::F32),
            ("-0", ValType::F64),
            ("inf", ValType::F64),
            ("-inf", ValType::F32),
            ("nan", ValType::F64),
            ("0x000102030405060708090a0b0c0d0e0f", ValType::V128),
            ("null", ValType::EXTERNREF),
        ] {
            assert_eq!(display(&parse(text, ty).unwrap()), text);
        }
        assert_eq!(display(&parse("0x10", ValType::F64).unwrap()), "16");
        assert!(parse("one", ValType::F32).unwrap_err().contains("`one` is not an f32"));
        assert!(parse("5", ValType::FUNCREF).unwrap_err().contains("only `null`"));
    }
}
