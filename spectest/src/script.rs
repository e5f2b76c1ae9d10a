//! A script cut into its top-level forms, each parsed by itself: a form that the
//! text parser cannot read costs one directive, not the script.
//! Spec: the reference interpreter's README, "Scripts".

use crate::legacy;
use wast::lexer::{Lexer, TokenKind};
use wast::parser::{self, Parse, ParseBuffer, Parser};
use wast::token::Span;
use wast::{QuoteWat, Wast, WastDirective, Wat};

/// A script, cut into forms.
pub(crate) struct Script<'a> {
    text: &'a str,
    forms: Vec<Form<'a>>,
    /// Where cutting had to stop, and why.
    broken: Option<(usize, String)>,
}

/// A top-level form.
struct Form<'a> {
    start: usize,
    end: usize,
    /// The word behind the opening parenthesis.
    keyword: &'a str,
}

/// The text of a form and the line, from 1, at which it begins.
#[derive(Clone, Debug)]
pub(crate) struct FormText {
    text: String,
    line: usize,
    /// Whether it is one of the two that `Wast` does not take for the beginning of a script.
    is_thread_or_wait: bool,
}

impl<'a> Script<'a> {
    /// Cuts `text` into forms.
    pub(crate) fn new(text: &'a str) -> Script<'a> {
        let (mut forms, mut broken) = cut(text);
        if forms.first().is_some_and(|form| !form.is_directive()) {
            // A single module without its `(module ...)`.
            forms = vec![Form { start: 0, end: text.len(), keyword: "module" }];
            broken = None;
        }
        Script { text, forms, broken }
    }

    /// Calls `each` with every form and its directive, or with the line and the
    /// reason of one that cannot be read.
    pub(crate) fn for_each(
        &self,
        mut each: impl FnMut(Result<(&FormText, WastDirective<'_>), (usize, String)>),
    ) {
        let (mut line, mut at) = (1, 0);
        let mut advance = |to: usize| {
            line += lines(&self.text[at..to]);
            at = to;
            line
        };
        for form in &self.forms {
            let form = FormText {
                text: legacy::unfold(&self.text[form.start..form.end]).into_owned(),
                line: advance(form.start),
                is_thread_or_wait: matches!(form.keyword, "thread" | "wait"),
            };
            let read = form.with_directive(|directive| each(Ok((&form, directive))));
            if let Err(unreadable) = read {
                each(Err(unreadable));
            }
        }
        if let Some((offset, reason)) = &self.broken {
            each(Err((advance(*offset), reason.clone())));
        }
    }
}

impl Form<'_> {
    fn is_directive(&self) -> bool {
        self.keyword.starts_with("assert_")
            || matches!(self.keyword, "module" | "component" | "register" | "invoke" | "thread" | "wait")
    }
}

impl FormText {
    /// Calls `f` with the directive of the form.
    ///
    /// # Errors
    /// The line and the reason if it cannot be read; `f` is not called then.
    pub(crate) fn with_directive<R>(
        &self,
        f: impl FnOnce(WastDirective<'_>) -> R,
    ) -> Result<R, (usize, String)> {
        let unreadable = |error: wast::Error| (self.line(error.span()), unreadable(&error));
        let buffer = buffer(&self.text).map_err(unreadable)?;
        Ok(f(self.parse(&buffer).map_err(unreadable)?))
    }

    /// The line of a place in the form.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.line + lines(self.text.get(..span.offset()).unwrap_or(&self.text))
    }

    fn parse<'a>(&self, buffer: &'a ParseBuffer<'a>) -> parser::Result<WastDirective<'a>> {
        if self.is_thread_or_wait {
            return parser::parse::<Directive<'_>>(buffer).map(|d| d.0);
        }
        let mut script = parser::parse::<Wast<'_>>(buffer)?;
        let empty = || WastDirective::Module(QuoteWat::QuoteModule(Span::from_offset(0), Vec::new()));
        Ok(script.directives.pop().unwrap_or_else(empty))
    }
}

/// How many lines end in a text.
fn lines(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

/// Assembles quoted text. Text without a token is the empty module.
pub(crate) fn encode_quoted(text: &[u8]) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "malformed UTF-8 encoding".to_owned())?;
    let text = legacy::unfold(text);
    let buffer = buffer(&text).map_err(|e| e.message())?;
    match parser::parse::<Quoted<'_>>(&buffer).map_err(|e| e.message())? {
        Quoted::Empty => Ok(b"\0asm\x01\0\0\0".to_vec()),
        Quoted::Wat(mut wat) => wat.encode().map_err(|e| e.message()),
    }
}

const KNOWN_ANNOTATIONS: [&str; 3] = ["custom", "name", "metadata.code.branch_hint"];

struct Directive<'a>(WastDirective<'a>);

impl<'a> Parse<'a> for Directive<'a> {
    fn parse(parser: Parser<'a>) -> parser::Result<Self> {
        parser.parens(|p| p.parse()).map(Directive)
    }
}

enum Quoted<'a> {
    Empty,
    Wat(Wat<'a>),
}

impl<'a> Parse<'a> for Quoted<'a> {
    fn parse(parser: Parser<'a>) -> parser::Result<Self> {
        // Only annotations with a meaning are contents.
        let _known = KNOWN_ANNOTATIONS.map(|name| parser.register_annotation(name));
        if parser.is_empty() { Ok(Quoted::Empty) } else { parser.parse().map(Quoted::Wat) }
    }
}

/// A parse buffer that lets every character pass: the official scripts contain
/// those that are refused by default because they can mislead a reader.
fn buffer(text: &str) -> parser::Result<ParseBuffer<'_>> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    ParseBuffer::new_with_lexer(lexer)
}

fn unreadable(error: &wast::Error) -> String {
    format!("the text parser cannot read this: {}", error.message())
}

/// The top-level forms of a text, without annotations, and where the text stops
/// being made of balanced forms.
fn cut(text: &str) -> (Vec<Form<'_>>, Option<(usize, String)>) {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let mut forms = Vec::new();
    let (mut position, mut depth, mut start) = (0, 0usize, 0);
    let mut head = None;
    loop {
        let token = match lexer.parse(&mut position) {
            Ok(Some(token)) => token,
            Ok(None) if depth == 0 => return (forms, None),
            Ok(None) => return (forms, Some((start, "this form is not closed".to_owned()))),
            Err(error) => return (forms, Some((error.span().offset(), unreadable(&error)))),
        };
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment => continue,
            TokenKind::LParen => {
                if depth == 0 {
                    (start, head) = (token.offset, None);
                }
                depth += 1;
                continue;
            }
            TokenKind::RParen if depth > 0 => {
                depth -= 1;
                if depth > 0 {
                    continue;
                }
                match head.take() {
                    Some((TokenKind::Annotation, _)) => {}
                    head => {
                        let keyword = head.map_or("", |(_, word)| word);
                        forms.push(Form { start, end: position, keyword });
                    }
                }
            }
            _ if depth == 0 => {
                return (forms, Some((token.offset, "expected `(`".to_owned())));
            }
            kind => {
                let end = token.offset + token.len as usize;
                head.get_or_insert((kind, &text[token.offset..end]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Result<(), String>)> {
        let mut lines = Vec::new();
        Script::new(text).for_each(|form| {
            lines.push(match form {
                Ok((form, directive)) => (form.line(directive.span()), Ok(())),
                Err((line, reason)) => (line, Err(reason)),
            });
        });
        lines
    }

    #[test]
    fn every_form_has_its_line() {
        let text =
            "(module)\n;; a comment )\n(@ignored (x))\n  (invoke \"f\")\n(assert_return\n (invoke \"f\"))";
        assert_eq!(read(text), [(1, Ok(())), (4, Ok(())), (5, Ok(()))]);
    }

    #[test]
    fn an_unreadable_form_costs_one_directive() {
        let read = read("(module)\n(assert_return (invoke))\n(module)\n(module");
        assert_eq!(read.len(), 4);
        assert!(read[0].1.is_ok() && read[2].1.is_ok());
        assert!(read[1].0 == 2 && read[1].1.is_err());
        assert_eq!(read[3], (4, Err("this form is not closed".to_owned())));
    }

    #[test]
    fn a_bare_module_is_one_directive() {
        assert_eq!(read("(func)\n(memory 1)").len(), 1);
        assert!(read("").is_empty());
    }

    #[test]
    fn quoted_text_may_be_empty() {
        assert_eq!(encode_quoted(b" ;; nothing\n ").unwrap().len(), 8);
        assert!(encode_quoted(b"(func (local.get").is_err());
        assert!(encode_quoted(b"\xff").is_err());
    }
}
