//! Tables for reading.

use crate::results::{Results, Row};
use crate::suite::{Metric, Unit};
use std::fmt;

/// Shows results as a table for each metric.
pub struct Tables<'a>(pub &'a Results);

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, metric) in self.0.suite.metrics().iter().enumerate() {
            self.table(f, number, metric)?;
        }
        for (case, engine, reason) in self.0.failures() {
            writeln!(f, "failed: {case} in {engine}: {reason}")?;
        }
        Ok(())
    }
}

impl Tables<'_> {
    fn table(&self, f: &mut fmt::Formatter<'_>, number: usize, metric: &Metric) -> fmt::Result {
        let results = self.0;
        let base = &results.engines[results.base];
        writeln!(
            f,
            "\n{}: {} (ratio to {base}: median [least-greatest])",
            results.suite.name(),
            metric.name
        )?;
        let width = results.rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(14);
        write!(f, "{:width$}", "")?;
        for engine in &results.engines {
            write!(f, " | {engine:<28}")?;
        }
        for row in &results.rows {
            write!(f, "\n{:width$}", row.name)?;
            for engine in 0..results.engines.len() {
                write!(f, " | {:<28}", self.cell(row, engine, number, metric.unit))?;
            }
        }
        write!(f, "\n{:width$}", "geometric mean")?;
        for engine in 0..results.engines.len() {
            let mean = results.mean(engine, number);
            let mean = mean.map_or_else(|| "-".to_owned(), |(mean, count)| format!("{mean:.3}x of {count}"));
            write!(f, " | {:>9} {mean:<18}", "")?;
        }
        write!(f, "\n{:width$}", "noise")?;
        for engine in 0..results.engines.len() {
            let noise = results.noise(engine, number);
            let noise = noise.map_or_else(|| "-".to_owned(), |noise| format!("{:.1} %", noise * 100.0));
            write!(f, " | {noise:>9} {:<18}", "")?;
        }
        writeln!(f)
    }

    fn cell(&self, row: &Row, engine: usize, number: usize, unit: Unit) -> String {
        let cell = &row.cells[engine];
        let Some(value) = cell.spread(number) else {
            return cell.reason().unwrap_or_else(|| "-".to_owned());
        };
        let ratio = match self.0.ratio(row, engine, number) {
            _ if engine == self.0.base && value.median > 0.0 => {
                format!("[{:.2}-{:.2}]", value.min / value.median, value.max / value.median)
            }
            Some(ratio) => {
                let [median, min, max] = [ratio.median, ratio.min, ratio.max].map(three_digits);
                format!("{median}x [{min}-{max}]")
            }
            None => String::new(),
        };
        format!("{:>9} {ratio}", unit.show(value.median))
    }
}

impl Unit {
    /// A figure with its unit, to three digits.
    pub fn show(self, value: f64) -> String {
        match self {
            Unit::Seconds => {
                let (scaled, unit) = match value {
                    v if v >= 1.0 => (v, "s"),
                    v if v >= 1e-3 => (v * 1e3, "ms"),
                    v if v >= 1e-6 => (v * 1e6, "us"),
                    v => (v * 1e9, "ns"),
                };
                format!("{} {unit}", three_digits(scaled))
            }
            Unit::Bytes => format!("{} MB", three_digits(value / 1e6)),
            Unit::SecondsPerObject => format!("{} M/s", three_digits(1e-6 / value)),
            Unit::Count => format!("{value}"),
            Unit::SecondsPerByte => format!("{} MB/s", three_digits(1e-6 / value)),
        }
    }
}

/// A ratio or figure to three digits.
pub fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        assert_eq!(Unit::Seconds.show(1.234e-9), "1.23 ns");
        assert_eq!(Unit::Seconds.show(0.012_345), "12.3 ms");
        assert_eq!(Unit::Seconds.show(123.4), "123 s");
        assert_eq!(Unit::Bytes.show(9_996_000.0), "10.0 MB");
        assert_eq!(Unit::SecondsPerByte.show(1e-8), "100 MB/s");
        assert_eq!(Unit::SecondsPerObject.show(2e-8), "50.0 M/s");
        assert_eq!(Unit::Count.show(12.0), "12");
    }
}
