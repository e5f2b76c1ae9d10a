//! Figures as aligned text.

use std::fmt::Write;

/// A table whose first row is a heading; the first column is aligned to the left.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(text, "  {cell:<width$}"),
                _ => write!(text, "  {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

/// Nanoseconds as microseconds, with three digits that say something.
pub fn micros(nanos: f64) -> String {
    let micros = nanos / 1000.0;
    match micros {
        m if m < 10.0 => format!("{m:.2}"),
        m if m < 100.0 => format!("{m:.1}"),
        m => format!("{m:.0}"),
    }
}

/// Occurrences a second, in thousands.
pub fn thousands(per_second: f64) -> String {
    let thousands = per_second / 1000.0;
    if thousands < 100.0 { format!("{thousands:.1}") } else { format!("{thousands:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["k".to_owned(), "one".to_owned()], vec!["16".to_owned(), "2".to_owned()]];
        assert_eq!(table(&rows), "  k   one\n  16    2\n");
        assert_eq!(
            (micros(251.0), micros(12_340.0), micros(123_456.0)),
            ("0.25".into(), "12.3".into(), "123".into())
        );
        assert_eq!((thousands(1234.0), thousands(3_890_000.0)), ("1.2".into(), "3890".into()));
    }
}
