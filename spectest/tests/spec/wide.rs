//! Scripts for 64-bit memories and tables, made from those for 32-bit ones: every
//! memory and table gets the address type i64, constants that are addresses become
//! i64 constants, other addresses are extended, sizes are wrapped. Everything seen
//! from outside, and thus every assertion, stays; so do the lines. Spec: syntax/types,
//! "Address Types".
//! Operands are taken to be the folded instructions within or else before the operator.

use wast::lexer::{Lexer, TokenKind};

/// A form in parentheses, and where it stands in the text.
struct List<'a> {
    start: usize,
    end: usize,
    items: Vec<Item<'a>>,
}

enum Item<'a> {
    Atom { start: usize, text: &'a str },
    List(List<'a>),
}

/// Replaces so many bytes of the text.
struct Edit {
    at: usize,
    remove: usize,
    insert: &'static str,
}

/// Makes a script for 64-bit memories and tables.
///
/// # Panics
/// If the text is not made of balanced forms.
pub fn widen(text: &str) -> String {
    let mut edits = Vec::new();
    for list in lists(text) {
        widen_list(&list, "", &[], &mut edits);
    }
    // Of edits at one place the outer form's come first, as they were made.
    edits.sort_by_key(|edit| edit.at);
    let mut out = String::with_capacity(text.len() + 16 * edits.len());
    let mut position = 0;
    for edit in edits {
        out.push_str(&text[position..edit.at]);
        out.push_str(edit.insert);
        position = edit.at + edit.remove;
    }
    out.push_str(&text[position..]);
    out
}

fn lists(text: &str) -> Vec<List<'_>> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut open = vec![List { start: 0, end: text.len(), items: Vec::new() }];
    for token in lexer.iter(0) {
        let token = token.expect("the script is made of tokens");
        let (start, end) = (token.offset, token.offset + token.len as usize);
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment => {}
            TokenKind::LParen => open.push(List { start, end, items: Vec::new() }),
            TokenKind::RParen => {
                let closed = List { end, ..open.pop().expect("a form is open") };
                open.last_mut().expect("the script is balanced").items.push(Item::List(closed));
            }
            _ => open.last_mut().unwrap().items.push(Item::Atom { start, text: &text[start..end] }),
        }
    }
    assert_eq!(open.len(), 1, "the script is balanced");
    let list = |item| match item {
        Item::List(list) => Some(list),
        Item::Atom { .. } => None,
    };
    open.remove(0).items.into_iter().filter_map(list).collect()
}

impl<'a> List<'a> {
    fn atom(&self, index: usize) -> &'a str {
        match self.items.get(index) {
            Some(Item::Atom { text, .. }) => text,
            _ => "",
        }
    }

    fn lists(&self) -> impl Iterator<Item = &List<'a>> {
        self.items.iter().filter_map(|item| match item {
            Item::List(list) => Some(list),
            Item::Atom { .. } => None,
        })
    }

    fn start_of(&self, index: usize) -> usize {
        match &self.items[index] {
            Item::Atom { start, .. } => *start,
            Item::List(list) => list.start,
        }
    }

    /// Inserts something before and a parenthesis behind the form.
    fn wrap(&self, insert: &'static str, edits: &mut Vec<Edit>) {
        edits.push(Edit { at: self.start, remove: 0, insert });
        edits.push(Edit { at: self.end, remove: 0, insert: ")" });
    }
}

/// Widens a form that stands in one with the head `parent`, behind the forms `before`.
fn widen_list(list: &List<'_>, parent: &str, before: &[&List<'_>], edits: &mut Vec<Edit>) {
    let head = list.atom(0);
    match head {
        // Anywhere else these two refer to a memory or table.
        "memory" | "table" if matches!(parent, "module" | "import") => widen_type(list, edits),
        "import" => widen_import(list, edits),
        "data" | "elem" if parent == "module" => {
            for offset in list.lists() {
                match offset.atom(0) {
                    "offset" => offset.lists().for_each(|offset| widen_address(offset, edits)),
                    "i32.const" => widen_address(offset, edits),
                    _ => {}
                }
            }
        }
        "memory.size" | "memory.grow" | "table.size" | "table.grow" => list.wrap("(i32.wrap_i64 ", edits),
        _ => widen_flat_sizes(list, edits),
    }
    let own: Vec<_> =
        list.lists().filter(|list| !matches!(list.atom(0), "type" | "param" | "result")).collect();
    let operands = match operand_count(head) {
        Some(count) if own.is_empty() => before.get(before.len().saturating_sub(count)..).unwrap_or(&[]),
        _ => &own,
    };
    for (index, operand) in operands.iter().enumerate() {
        if is_address(head, index, operands.len()) {
            widen_address(operand, edits);
        }
    }
    for (index, inner) in own.iter().enumerate() {
        widen_list(inner, head, &own[..index], edits);
    }
}

/// How many operands an instruction has, if it says so and one is an address.
fn operand_count(instruction: &str) -> Option<usize> {
    match instruction {
        "memory.fill" | "memory.copy" | "memory.init" | "table.fill" | "table.copy" | "table.init" => Some(3),
        "table.set" | "table.grow" => Some(2),
        "memory.grow" | "table.get" => Some(1),
        access if access.contains(".store") => Some(2),
        access if access.contains(".load") => Some(1),
        _ => None,
    }
}

/// Wraps the sizes that are not folded.
fn widen_flat_sizes(list: &List<'_>, edits: &mut Vec<Edit>) {
    for index in 1..list.items.len() {
        let operator = list.atom(index);
        if matches!(operator, "memory.size" | "table.size") {
            let immediate = list.atom(index + 1);
            let has_one = immediate.starts_with(|c: char| c == '$' || c.is_ascii_digit());
            let (last, text) = if has_one { (index + 1, immediate) } else { (index, operator) };
            edits.push(Edit { at: list.start_of(last) + text.len(), remove: 0, insert: " i32.wrap_i64" });
        }
    }
}

/// Whether an operand of an instruction, which has `count` of them, is an address.
fn is_address(instruction: &str, index: usize, count: usize) -> bool {
    match (instruction, count) {
        ("memory.fill" | "table.fill", 3) => index != 1,
        ("memory.copy" | "table.copy", 3) => true,
        ("memory.init" | "table.init", 3) | ("memory.grow" | "table.get", 1) | ("table.set", 2) => index == 0,
        ("table.grow", 2) => index == 1,
        // Arguments come first.
        ("call_indirect" | "return_call_indirect", _) => index + 1 == count,
        (access, _) => index == 0 && (access.contains(".load") || access.contains(".store")),
    }
}

/// Gives a memory or table the address type i64: before its limits.
fn widen_type(list: &List<'_>, edits: &mut Vec<Edit>) {
    for index in 1..list.items.len() {
        match &list.items[index] {
            Item::Atom { text, .. } if text.starts_with('$') => {}
            Item::List(part) if matches!(part.atom(0), "export" | "import") => {}
            _ => return edits.push(Edit { at: list.start_of(index), remove: 0, insert: "i64 " }),
        }
    }
}

/// The host has a 64-bit table besides the other.
fn widen_import(list: &List<'_>, edits: &mut Vec<Edit>) {
    if list.atom(1) == "\"spectest\"" && list.atom(2) == "\"table\"" {
        edits.push(Edit { at: list.start_of(2), remove: list.atom(2).len(), insert: "\"table64\"" });
    }
}

/// Makes an i64 of an i32 that is an address, and something wrong of what is wrong.
fn widen_address(operand: &List<'_>, edits: &mut Vec<Edit>) {
    let constant = match operand.atom(0) {
        "i32.const" => "i64.const",
        "i64.const" => "i32.const",
        "f32.const" | "f64.const" => return,
        _ => return operand.wrap("(i64.extend_i32_u ", edits),
    };
    edits.push(Edit { at: operand.start_of(0), remove: constant.len(), insert: constant });
}

#[test]
fn declarations_addresses_and_sizes_are_widened() {
    let cases = [
        ("(module (memory $m (export \"m\") 1 2))", "(module (memory $m (export \"m\") i64 1 2))"),
        ("(module (memory (data \"x\")))", "(module (memory i64 (data \"x\")))"),
        ("(module (table 1 funcref))", "(module (table i64 1 funcref))"),
        (
            "(module (import \"spectest\" \"table\" (table 1 funcref)))",
            "(module (import \"spectest\" \"table64\" (table i64 1 funcref)))",
        ),
        (
            "(module (data (memory $m) (i32.const 1) \"x\"))",
            "(module (data (memory $m) (i64.const 1) \"x\"))",
        ),
        ("(module (elem funcref (ref.func 0)))", "(module (elem funcref (ref.func 0)))"),
        ("(i32.store (i32.const 1) (i32.const 2))", "(i32.store (i64.const 1) (i32.const 2))"),
        (
            "(memory.fill (local.get 0)\n (i32.const 1) (i64.const 2))",
            "(memory.fill (i64.extend_i32_u (local.get 0))\n (i32.const 1) (i32.const 2))",
        ),
        ("(f) (i32.const 1) (i32.store)", "(f) (i32.const 1) (i32.store)"),
        (
            "(func (call 0) (i32.const 1) (i32.store))",
            "(func (i64.extend_i32_u (call 0)) (i32.const 1) (i32.store))",
        ),
        ("(func table.size 1 drop)", "(func table.size 1 i32.wrap_i64 drop)"),
        (
            "(call_indirect (type 0) (i64.const 1) (local.get 0))",
            "(call_indirect (type 0) (i64.const 1) (i64.extend_i32_u (local.get 0)))",
        ),
        (
            "(i32.load (memory.grow (memory.size)))",
            "(i32.load (i64.extend_i32_u (i32.wrap_i64 (memory.grow (i64.extend_i32_u (i32.wrap_i64 \
             (memory.size)))))))",
        ),
        (
            "(assert_return (invoke \"size\") (i32.const 1))",
            "(assert_return (invoke \"size\") (i32.const 1))",
        ),
    ];
    for (narrow, wide) in cases {
        assert_eq!(widen(narrow), wide);
    }
}
