//! Figures of all rounds, and what is derived from them.

use crate::measure::Sample;
use crate::suite::Suite;

/// What a suite gave.
pub struct Results {
    /// The suite.
    pub suite: Suite,
    /// Names of the engines.
    pub engines: Vec<String>,
    /// The engine, by position, that the others are compared with.
    pub base: usize,
    /// In the suite's order.
    pub rows: Vec<Row>,
}

/// What a suite gave for one case.
pub struct Row {
    /// The case.
    pub name: String,
    /// For each engine.
    pub cells: Vec<Cell>,
}

/// What one engine gave for one case.
#[derive(Clone)]
pub enum Cell {
    /// A sample for each round.
    Measured(Vec<Sample>),
    /// The engine lacks a proposal that the program needs.
    Lacks(String),
    /// It was not done in time.
    TooLong,
    /// It failed.
    Failed(String),
}

/// A median between extremes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The median.
    pub median: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = match values.len() {
            0 => return None,
            odd if odd % 2 == 1 => values[middle],
            _ => (values[middle - 1] + values[middle]) / 2.0,
        };
        Some(Spread { min: values[0], median, max: *values.last()? })
    }
}

impl Cell {
    /// Why there are no figures, in few words.
    pub fn reason(&self) -> Option<String> {
        match self {
            Cell::Measured(_) => None,
            Cell::Lacks(proposal) => Some(format!("lacks {proposal}")),
            Cell::TooLong => Some("takes too long".to_owned()),
            Cell::Failed(_) => Some("fails".to_owned()),
        }
    }

    /// The figures of a metric, by round; nothing if one is missing.
    pub fn values(&self, metric: usize) -> Option<Vec<f64>> {
        match self {
            Cell::Measured(samples) => samples.iter().map(|sample| *sample.get(metric)?).collect(),
            Cell::Lacks(_) | Cell::TooLong | Cell::Failed(_) => None,
        }
    }

    /// Their spread.
    pub fn spread(&self, metric: usize) -> Option<Spread> {
        Spread::of(self.values(metric)?)
    }
}

impl Results {
    /// How an engine's figures stand to those of the base in the same rounds.
    pub fn ratio(&self, row: &Row, engine: usize, metric: usize) -> Option<Spread> {
        let base = row.cells[self.base].values(metric)?;
        let values = row.cells[engine].values(metric)?;
        let ratios: Vec<f64> = values.iter().zip(&base).map(|(value, base)| value / base).collect();
        Spread::of(ratios).filter(|spread| spread.min > 0.0 && spread.max.is_finite())
    }

    /// The geometric mean of an engine's median ratios, and of how many.
    pub fn mean(&self, engine: usize, metric: usize) -> Option<(f64, usize)> {
        let ratios = self.rows.iter().filter_map(|row| self.ratio(row, engine, metric));
        let logs: Vec<f64> = ratios.map(|ratio| ratio.median.ln()).collect();
        let count = logs.len();
        (count > 0).then(|| ((logs.iter().sum::<f64>() / count as f64).exp(), count))
    }

    /// How far an engine's figures of one case lie apart, as a part of the median: the
    /// median over all cases. `None` if there is one round.
    pub fn noise(&self, engine: usize, metric: usize) -> Option<f64> {
        let cells = self.rows.iter().map(|row| &row.cells[engine]);
        let spreads = cells.filter(|cell| cell.values(metric).is_some_and(|values| values.len() > 1));
        let widths = spreads.filter_map(|cell| cell.spread(metric)).filter(|spread| spread.median > 0.0);
        Some(Spread::of(widths.map(|spread| (spread.max - spread.min) / spread.median).collect())?.median)
    }

    /// Names of the case and the engine, and the reason, of all failures.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.rows.iter().flat_map(|row| {
            row.cells.iter().zip(&self.engines).filter_map(|(cell, engine)| match cell {
                Cell::Failed(reason) => Some((row.name.as_str(), engine.as_str(), reason.as_str())),
                _ => None,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let measured = |values: &[f64]| Cell::Measured(values.iter().map(|v| vec![Some(*v)]).collect());
        let row = |name: &str, a, b| Row { name: name.to_owned(), cells: vec![a, b] };
        Results {
            suite: Suite::Call,
            engines: vec!["a".to_owned(), "b".to_owned()],
            base: 0,
            rows: vec![
                row("x", measured(&[1.0, 2.0, 4.0]), measured(&[2.0, 8.0, 4.0])),
                row("y", measured(&[1.0, 1.0]), measured(&[7.0, 9.0])),
                row("z", measured(&[1.0]), Cell::Failed("it crashed".to_owned())),
            ],
        }
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        let results = results();
        let spread = |min, median, max| Some(Spread { min, median, max });
        assert_eq!(results.ratio(&results.rows[0], 1, 0), spread(1.0, 2.0, 4.0));
        assert_eq!(results.ratio(&results.rows[1], 1, 0), spread(7.0, 8.0, 9.0));
        assert_eq!(results.ratio(&results.rows[2], 1, 0), None);
    }

    #[test]
    fn the_mean_is_geometric_and_leaves_out_what_failed() {
        let (mean, count) = results().mean(1, 0).unwrap();
        assert!((mean - 4.0).abs() < 1e-9);
        assert_eq!(count, 2);
        assert_eq!(results().noise(1, 0), Some((1.5 + 0.25) / 2.0));
        assert_eq!(results().failures().collect::<Vec<_>>(), [("z", "b", "it crashed")]);
    }
}
