//! Rust text without comments and without the contents of literals, so that
//! searching it finds code only. Lines and columns stay where they are.

/// Replaces comments and the contents of string and character literals by blanks.
pub fn bare(text: &str) -> String {
    let mut scanner = Scanner { rest: text, out: String::with_capacity(text.len()) };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner.out
}

/// Whether a line of bare code contains the identifier.
pub fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(block_comment(rest));
        } else if let Some(len) = raw_string(rest) {
            self.blank(len);
        } else if rest.starts_with('"') {
            self.blank(quoted(rest, '"'));
        } else if is_char_literal(rest) {
            self.blank(quoted(rest, '\''));
        } else {
            self.copy_word();
        }
    }

    /// Copies an identifier or a single character: the `r` of `for` opens no raw string.
    fn copy_word(&mut self) {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let word = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let prefix = matches!(&self.rest[..word], "b" | "c" | "br" | "cr" | "r");
        let len = match self.rest.chars().next() {
            Some(c) if word == 0 || prefix => c.len_utf8(),
            _ => word,
        };
        self.out.push_str(&self.rest[..len]);
        self.rest = &self.rest[len..];
    }

    fn blank(&mut self, len: usize) {
        self.out.extend(self.rest[..len].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = &self.rest[len..];
    }
}

/// The length of a block comment, which may contain others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string, if one begins here; its `b` or `c` may be before.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let count = hashes.find(|c| c != '#')?;
    let inside = hashes[count..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(count));
    let start = text.len() - inside.len();
    Some(inside.find(&close).map_or(text.len(), |end| start + end + close.len()))
}

/// The length of a literal between two `quote`s, where `\` escapes.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Whether a character literal begins here and not a lifetime.
fn is_char_literal(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('\'')
        && match chars.next() {
            Some('\\') => true,
            Some(_) => chars.next() == Some('\''),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn keeps(text: &str, words: &[&str]) {
        assert_eq!(bare(text).split_whitespace().collect::<Vec<_>>(), words);
        assert_eq!(bare(text).lines().count(), text.lines().count());
    }

    #[test]
    fn comments_and_literals_are_blank() {
        keeps("a // b\nc /* d /* e */ f */ g", &["a", "c", "g"]);
        keeps("a \"b \\\" c\" d", &["a", "d"]);
        keeps("a r#\"b \" c\"# d r\"e\\\" f", &["a", "d", "f"]);
        keeps("a b\"c\" d br#\"e\"# f", &["a", "b", "d", "b", "f"]);
        keeps("a '\"' b '\\'' c '\\u{7f}' d", &["a", "b", "c", "d"]);
        keeps("/// a\n//! b\nc", &["c"]);
    }

    #[test]
    fn lifetimes_and_identifiers_stay() {
        keeps("&'a str for<'b> 'c: loop", &["&'a", "str", "for<'b>", "'c:", "loop"]);
        keeps("for r in r#type { br }", &["for", "r", "in", "r#type", "{", "br", "}"]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("(unsafe { x })", "unsafe"));
        assert!(!has_word("#![deny(unsafe_code)]", "unsafe"));
        assert!(!has_word("not_unsafe", "unsafe"));
    }
}
