//! Types and names of imports and exports as the text format writes them.

use dayfly::{ExternType, GlobalType, MemoryType, TableType, ValType};
use std::fmt::Write;

/// A type as it would stand in an import of the text format.
pub fn ty(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(func) => {
            format!("(func{}{})", list("param", &func.params), list("result", &func.results))
        }
        ExternType::Table(table) => self::table(table),
        ExternType::Memory(memory) => self::memory(memory),
        ExternType::Global(global) => self::global(global),
        ExternType::Tag(tag) => format!("(tag{})", list("param", &tag.func.params)),
    }
}

/// The word for what a type is of: `func`, `memory`.
pub fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "func",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Global(_) => "global",
        ExternType::Tag(_) => "tag",
    }
}

/// A memory type.
pub fn memory(ty: &MemoryType) -> String {
    let mut text = format!("(memory {}", limits(ty.memory64, ty.min, ty.max));
    if ty.shared {
        text.push_str(" shared");
    }
    if ty.page_size_log2 != 16 {
        let _ = write!(text, " (pagesize {})", ty.page_size());
    }
    text + ")"
}

/// A table type.
pub fn table(ty: &TableType) -> String {
    format!("(table {} {})", limits(ty.table64, ty.min, ty.max), ty.element)
}

/// A global type.
pub fn global(ty: &GlobalType) -> String {
    if ty.mutable { format!("(global (mut {}))", ty.content) } else { format!("(global {})", ty.content) }
}

/// A name for a terminal, on one line: characters that would act on it are escaped.
pub fn name(name: &str) -> String {
    escaped(name, char::is_control)
}

/// Lines for a terminal, with names of a guest in them: characters that would act on
/// it are escaped, except for the ends of lines.
pub fn printable(text: &str) -> String {
    escaped(text, |c| c.is_control() && c != '\n')
}

/// A number of bytes for people.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} bytes");
    }
    let unit = (n.ilog2() / 10) as usize;
    let value = n as f64 / (1u64 << (10 * unit)) as f64;
    let text = format!("{value:.1}");
    format!("{} {}", text.strip_suffix(".0").unwrap_or(&text), UNITS[unit - 1])
}

fn escaped(text: &str, acts: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match acts(c) {
            true => escaped.extend(c.escape_default()),
            false => escaped.push(c),
        }
    }
    escaped
}

fn list(word: &str, types: &[ValType]) -> String {
    if types.is_empty() {
        return String::new();
    }
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    format!(" ({word} {})", types.join(" "))
}

fn limits(wide: bool, min: u64, max: Option<u64>) -> String {
    let wide = if wide { "i64 " } else { "" };
    match max {
        Some(max) => format!("{wide}{min} {max}"),
        None => format!("{wide}{min}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_text() {
        assert_eq!(memory(&MemoryType::new(1, Some(2))), "(memory 1 2)");
        let wide =
            MemoryType { memory64: true, shared: true, page_size_log2: 0, ..MemoryType::new(0, Some(9)) };
        assert_eq!(memory(&wide), "(memory i64 0 9 shared (pagesize 1))");
        let ty = GlobalType { content: ValType::EXTERNREF, mutable: true, shared: false };
        assert_eq!(global(&ty), "(global (mut externref))");
        assert_eq!(list("param", &[ValType::I32, ValType::V128]), " (param i32 v128)");
    }

    #[test]
    fn numbers_of_bytes_are_rounded() {
        assert_eq!(bytes(17), "17 bytes");
        assert_eq!(bytes(65536), "64 KiB");
        assert_eq!(bytes(1_500_000), "1.4 MiB");
        assert_eq!(bytes(u64::MAX), "16 EiB");
    }

    #[test]
    fn names_cannot_act_on_a_terminal() {
        assert_eq!(name("a\x1b[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(printable("a\x1b[2J\nb"), "a\\u{1b}[2J\nb");
    }
}
