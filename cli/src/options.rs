//! Groups of `KEY[=VALUE]` options behind one flag, as `-W` and `-S` are:
//! a table of rows, comma-separated settings, and a list for `help`.

use std::fmt::Write;
use std::time::Duration;

/// An option of a group.
pub struct Row<T: 'static> {
    /// The key.
    pub key: &'static str,
    /// What the value is called in the list; empty for a switch.
    pub value: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Sets it from its value.
    pub set: fn(&mut T, Option<&str>) -> Result<(), String>,
}

/// A setting's key and value, without blanks.
pub fn settings(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split(',').filter(|part| !part.trim().is_empty()).map(|part| match part.split_once('=') {
        Some((key, value)) => (key.trim(), Some(value.trim())),
        None => (part.trim(), None),
    })
}

/// A line of the list that `help` prints.
pub fn list_line(list: &mut String, flag: char, key: &str, value: &str, about: &str) {
    let name = if value.is_empty() { key.to_owned() } else { format!("{key}={value}") };
    let _ = writeln!(list, "  -{flag} {name:<32} {about}");
}

/// The key among `keys` that is most like `wrong`, as a hint.
pub fn unknown<'a>(flag: char, wrong: &str, keys: impl Iterator<Item = &'a str>) -> String {
    let near = keys.map(|key| (distance(wrong, key), key)).min().filter(|(d, key)| *d * 2 <= key.len());
    let hint = near.map_or(String::new(), |(_, key)| format!(" (is `{key}` meant?)"));
    format!("there is no option `{wrong}`{hint}; `-{flag} help` lists them all")
}

/// `y` or `n`; a switch without value is on.
pub fn switch(value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("y" | "yes" | "true" | "on" | "1") => Ok(true),
        Some("n" | "no" | "false" | "off" | "0") => Ok(false),
        Some(other) => Err(format!("`{other}` is neither `y` nor `n`")),
    }
}

/// A whole number, perhaps hexadecimal, perhaps with `_`.
pub fn number(value: Option<&str>) -> Result<u64, String> {
    let text = value.ok_or("a number is missing: `KEY=N`")?;
    let digits = text.replace('_', "");
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    parsed.map_err(|_| format!("`{text}` is not a number from 0 to {}", u64::MAX))
}

/// A number of bytes, perhaps in `k`, `m` or `g` (powers of 1024).
pub fn size(value: Option<&str>) -> Result<usize, String> {
    let text = value.ok_or("a size is missing: `KEY=BYTES`, or `64k`, `16m`, `1g`")?;
    let lower = text.to_ascii_lowercase();
    let bare = lower.trim_end_matches("ib").trim_end_matches('b');
    let (digits, shift) = match bare.char_indices().next_back() {
        Some((at, 'k')) => (&bare[..at], 10),
        Some((at, 'm')) => (&bare[..at], 20),
        Some((at, 'g')) => (&bare[..at], 30),
        _ if bare.starts_with("0x") => (lower.as_str(), 0),
        _ => (bare, 0),
    };
    number(Some(digits))
        .ok()
        .and_then(|n| n.checked_mul(1 << shift))
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| format!("`{text}` is not a size: give bytes, or `64k`, `16m`, `1g`"))
}

/// A duration: `500ms`, `2s`, `1m`; a bare number is seconds.
pub fn duration(value: Option<&str>) -> Result<Duration, String> {
    let text = value.ok_or("a duration is missing: `KEY=2s`")?;
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    let unit = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => f64::NAN,
    };
    digits
        .parse::<f64>()
        .ok()
        .and_then(|n| Duration::try_from_secs_f64(n * unit).ok())
        .ok_or_else(|| format!("`{text}` is not a duration: give `500ms`, `2s`, `1m`"))
}

/// How many characters to insert, remove or replace to get from one word to another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size(Some("65536")), Ok(65536));
        assert_eq!(size(Some("0x10")), Ok(16));
        assert_eq!(size(Some("0x1b")), Ok(27));
        assert_eq!(size(Some("64k")), Ok(65536));
        assert_eq!(size(Some("1MiB")), Ok(1 << 20));
        assert_eq!(size(Some("2g")), Ok(2 << 30));
        assert!(size(Some("much")).is_err());
        assert!(size(Some("99999999999g")).is_err());
        assert!(size(None).is_err());
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration(Some("500ms")), Ok(Duration::from_millis(500)));
        assert_eq!(duration(Some("1.5s")), Ok(Duration::from_millis(1500)));
        assert_eq!(duration(Some("2")), Ok(Duration::from_secs(2)));
        assert_eq!(duration(Some("1m")), Ok(Duration::from_secs(60)));
        assert!(duration(Some("soon")).is_err());
        assert!(duration(Some("-1s")).is_err());
        assert!(duration(Some("5parsecs")).is_err());
    }

    #[test]
    fn a_wrong_key_gets_a_hint() {
        let keys = || ["fuel", "timeout"].into_iter();
        assert!(unknown('W', "timout", keys()).contains("is `timeout` meant?"));
        assert!(!unknown('W', "xyzzy", keys()).contains("meant"));
    }
}
