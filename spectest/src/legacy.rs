//! The folded `try` of the first exception proposal, which the text parser does not
//! read, unfolded: `(try (do A) (catch $e B))` becomes `(end try A catch $e B)`, in
//! which `end` stands where folded instructions have their operator, last.
//! Ends of lines stay where they are. Spec: legacy exceptions, "Text Format".

use std::borrow::Cow;
use wast::lexer::{Lexer, Token, TokenKind};

/// What an opening parenthesis began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Anything else: it stays as it is.
    Other,
    /// A `try`, with where its `end` stands in the output and what came last in it.
    Try { end: usize, last: Last },
    /// A clause of a `try`, of which only the contents stay.
    Clause,
}

/// What came last in a `try`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Type,
    Do,
    Catch,
    /// Nothing may follow.
    Final,
}

/// The text with every folded `try` unfolded. Text that is not made of tokens, or has
/// clauses out of order, is returned as it is, for the parser to complain about.
pub(crate) fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains("try") {
        return Cow::Borrowed(text);
    }
    match rewrite(text) {
        Some(text) => Cow::Owned(text),
        None => Cow::Borrowed(text),
    }
}

fn rewrite(text: &str) -> Option<String> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let source = |token: Token| &text[token.offset..token.offset + token.len as usize];
    let mut open: Vec<Open> = Vec::new();
    let mut out = String::with_capacity(text.len() + 64);
    let mut position = 0;
    while let Some(token) = lexer.parse(&mut position).ok()? {
        match token.kind {
            TokenKind::LParen => {
                let mut behind = position;
                let word = lexer.parse(&mut behind).ok()??;
                let begun = begins(source(word), open.last_mut(), &mut out)?;
                if matches!(begun, Open::Clause) && source(word) == "do" {
                    position = behind;
                }
                open.push(begun);
            }
            TokenKind::RParen => out.push_str(match open.pop()? {
                Open::Try { last: Last::Type, .. } => return None,
                Open::Other | Open::Try { .. } => ")",
                Open::Clause => " ",
            }),
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment => {
                out.push_str(source(token));
            }
            _ => {
                if matches!(open.last(), Some(Open::Try { last, .. }) if *last != Last::Type) {
                    return None;
                }
                out.push_str(source(token));
            }
        }
    }
    open.is_empty().then_some(out)
}

/// What a parenthesis before `word` begins, within what `outer` began; `None` if
/// that may not stand there. Adds what takes the parenthesis' place.
fn begins(word: &str, outer: Option<&mut Open>, out: &mut String) -> Option<Open> {
    if let Some(Open::Try { end, last }) = outer {
        *last = match (word, *last) {
            ("do", Last::Type) => Last::Do,
            ("catch", Last::Do | Last::Catch) => Last::Catch,
            ("catch_all", Last::Do | Last::Catch) => Last::Final,
            ("delegate", Last::Do) => {
                // It ends the `try` by itself; an operator is needed all the same.
                out.replace_range(*end..*end + "end".len(), "nop");
                Last::Final
            }
            ("type" | "param" | "result", Last::Type) => {
                out.push('(');
                return Some(Open::Other);
            }
            _ => return None,
        };
        out.push(' ');
        return Some(Open::Clause);
    }
    out.push('(');
    if word != "try" {
        return Some(Open::Other);
    }
    let end = out.len();
    out.push_str("end ");
    Some(Open::Try { end, last: Last::Type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        unfold(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn clauses_are_unfolded() {
        let text = "(func (try (result i32)\n (do (call $f (i32.const 1)))\n (catch $e (drop)) (catch_all)))";
        assert_eq!(
            words(text),
            "(func (end try (result i32) (call $f (i32.const 1)) catch $e (drop) catch_all ))"
        );
        assert_eq!(unfold(text).matches('\n').count(), 2);
        assert_eq!(words("(try (do (try (do) (delegate 0))))"), "(end try (nop try delegate 0 ) )");
    }

    #[test]
    fn everything_else_stays() {
        for text in ["(func (try_table (catch $e 0)))", "(try (do) \"", "(try))", "(func (do) (catch 0))"] {
            assert_eq!(unfold(text), text);
        }
    }

    #[test]
    fn clauses_out_of_order_stay() {
        for clauses in [
            "",
            "(catch $e)",
            "(do) (do)",
            "(do) nop",
            "(do) (nop)",
            "(nop) (do)",
            "(do) (catch_all) (catch $e)",
            "(do) (catch_all) (catch_all)",
            "(do) (catch $e) (delegate 0)",
            "(do) (delegate 0) (catch_all)",
        ] {
            let text = format!("(func (try {clauses}))");
            assert_eq!(unfold(&text), text);
        }
    }
}
