//! A chart for a README, as SVG: for each charted metric a panel, for each case a bar
//! per engine, from one (the base) to the ratio on a logarithmic axis.

use crate::conditions::Conditions;
use crate::results::{Results, Row, Spread};
use crate::suite::Metric;
use crate::table::three_digits;
use std::fmt::Write;

const WIDTH: f64 = 980.0;
const LABELS: f64 = 138.0;
const GAP: f64 = 26.0;
const TOP: f64 = 96.0;
const BAR: f64 = 9.0;
const ROW_GAP: f64 = 9.0;
const FOOT: f64 = 44.0;

/// Room right and left of the bars for the figures.
const MARGIN: f64 = 38.0;

const COLOURS: [&str; 6] = ["#e8590c", "#1c7ed6", "#37b24d", "#ae3ec9", "#f59f00", "#868e96"];

const STYLE: &str = "\
text { font: 11px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #343a40 }
.ground { fill: #fff } .title { font-size: 17px; font-weight: 600 }
.head { font-weight: 600; font-size: 12px } .small, .figure { font-size: 9px; fill: #868e96 }
.mean { font-weight: 600 } .mean-ground { fill: #f1f3f5 }
.grid { stroke: #dee2e6 } .one { stroke: #868e96; stroke-width: 1.2 } .spread { stroke: #343a40; opacity: .55 }
@media (prefers-color-scheme: dark) {
text { fill: #dee2e6 } .ground { fill: #16191d } .mean-ground { fill: #22262b } .grid { stroke: #343a40 }
.small, .figure { fill: #adb5bd } .spread { stroke: #f1f3f5 }
}";

/// Draws the results of a suite.
pub fn svg(results: &Results, conditions: &Conditions) -> String {
    let metrics: Vec<_> = results.suite.metrics().iter().enumerate().filter(|(_, m)| m.charted).collect();
    let others: Vec<_> = (0..results.engines.len()).filter(|engine| *engine != results.base).collect();
    let row_height = BAR * others.len().max(1) as f64 + ROW_GAP;
    let bottom = TOP + row_height * (results.rows.len() + 1) as f64;
    let mut chart = Chart { out: String::new(), results, others, row_height, bottom };
    chart.open(conditions);
    let width = (WIDTH - LABELS - GAP * metrics.len() as f64) / metrics.len() as f64;
    for (place, (number, metric)) in metrics.into_iter().enumerate() {
        let left = LABELS + (width + GAP) * place as f64;
        chart.panel(left, width, number, metric);
    }
    chart.close(conditions)
}

struct Chart<'a> {
    out: String,
    results: &'a Results,
    /// All engines but the base.
    others: Vec<usize>,
    row_height: f64,
    bottom: f64,
}

/// A logarithmic axis.
struct Axis {
    left: f64,
    width: f64,
    low: f64,
    high: f64,
}

impl Axis {
    /// One that has room for all values.
    fn new(left: f64, width: f64, values: impl Iterator<Item = f64>) -> Axis {
        let (low, high) = values.fold((1.0, 1.0), |(low, high): (f64, f64), v| (low.min(v), high.max(v)));
        // Room on both sides in any case, and for a tick at the extremes.
        Axis {
            left: left + MARGIN,
            width: width - 2.0 * MARGIN,
            low: low.min(0.7).ln() - 0.05,
            high: high.max(1.4).ln() + 0.05,
        }
    }

    fn x(&self, value: f64) -> f64 {
        self.left + self.width * (value.ln() - self.low) / (self.high - self.low)
    }

    /// Round values: powers of ten, and when there are few of them twice and five times these.
    fn ticks(&self) -> Vec<f64> {
        let decades = (self.high - self.low) / std::f64::consts::LN_10;
        let steps: &[f64] = if decades > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let powers = (self.low / std::f64::consts::LN_10).floor() as i32..=(self.high / 2.0) as i32 + 1;
        let all = powers.flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)));
        all.filter(|v| (self.low - 1e-9..=self.high + 1e-9).contains(&v.ln())).collect()
    }
}

impl Chart<'_> {
    fn open(&mut self, conditions: &Conditions) {
        let height = self.bottom + FOOT;
        let base = &self.results.engines[self.results.base];
        self.add(format_args!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' \
             height='{height}'>\n<style>{STYLE}</style>\n<rect class='ground' width='100%' height='100%'/>"
        ));
        let title = format!("{}: ratio to {base}, less is better", self.results.suite.name());
        self.text(16.0, 28.0, "title", "start", &title);
        let mut x = 16.0;
        for engine in self.others.clone() {
            let name = &self.results.engines[engine];
            let known = conditions.engines.iter().find(|(known, _, _)| known == name);
            let label = known.map_or(name.clone(), |(_, version, _)| format!("{name} {version}"));
            self.add(format_args!(
                "<rect x='{x}' y='42' width='11' height='11' rx='2' fill='{}'/>",
                colour(engine)
            ));
            self.text(x + 16.0, 51.5, "", "start", &label);
            x += 44.0 + 6.2 * label.len() as f64;
        }
        let height = self.row_height;
        self.add(format_args!(
            "<rect class='mean-ground' x='8' y='{:.1}' width='{:.1}' height='{height:.1}' rx='3'/>",
            TOP - ROW_GAP / 2.0,
            WIDTH - 16.0
        ));
        self.text(LABELS - 8.0, self.middle(0), "mean", "end", "geometric mean");
        for (number, row) in self.results.rows.iter().enumerate() {
            self.text(LABELS - 8.0, self.middle(number + 1), "", "end", &row.name);
        }
    }

    fn panel(&mut self, left: f64, width: f64, number: usize, metric: &Metric) {
        let results = self.results;
        let ratios = results.rows.iter().flat_map(|row| {
            let spreads = self.others.iter().filter_map(move |engine| results.ratio(row, *engine, number));
            spreads.flat_map(|spread| [spread.min, spread.max])
        });
        let axis = Axis::new(left, width, ratios);
        self.text(left + width / 2.0, TOP - 22.0, "head", "middle", metric.name);
        for tick in axis.ticks() {
            let x = axis.x(tick);
            self.line("grid", x, TOP - ROW_GAP / 2.0, x, self.bottom);
            self.text(x, self.bottom + 12.0, "small", "middle", &format!("{tick}x"));
        }
        let first = left <= LABELS;
        for (place, engine) in self.others.clone().into_iter().enumerate() {
            if let Some((mean, _)) = results.mean(engine, number) {
                let spread = Spread { min: mean, median: mean, max: mean };
                self.bar(&axis, self.top(0, place), engine, spread);
            }
            for (row_number, row) in results.rows.iter().enumerate() {
                let y = self.top(row_number + 1, place);
                match results.ratio(row, engine, number) {
                    Some(spread) => self.bar(&axis, y, engine, spread),
                    None if first => self.missing(&axis, y, row, engine),
                    None => {}
                }
            }
        }
        let x = axis.x(1.0);
        self.line("one", x, TOP - ROW_GAP / 2.0, x, self.bottom);
    }

    fn bar(&mut self, axis: &Axis, y: f64, engine: usize, spread: Spread) {
        let (one, end) = (axis.x(1.0), axis.x(spread.median));
        let (x, width) = (one.min(end), (end - one).abs());
        let height = BAR - 1.0;
        self.add(format_args!(
            "<rect x='{x:.1}' y='{y:.1}' width='{width:.1}' height='{height}' fill='{}'/>",
            colour(engine)
        ));
        let (least, greatest) = (axis.x(spread.min), axis.x(spread.max));
        if greatest - least > 1.0 {
            self.line("spread", least, y + height / 2.0, greatest, y + height / 2.0);
        }
        let figure = three_digits(spread.median);
        match end < one {
            true => self.text(least.min(end) - 3.0, y + 7.5, "figure", "end", &figure),
            false => self.text(greatest.max(end) + 3.0, y + 7.5, "figure", "start", &figure),
        }
    }

    /// Says in the place of the bars why there are none.
    fn missing(&mut self, axis: &Axis, y: f64, row: &Row, engine: usize) {
        let base = self.results.base;
        let missing =
            |engine: usize| Some(format!("{} {}", self.results.engines[engine], row.cells[engine].reason()?));
        let first = self.others.first() == Some(&engine);
        let reason = missing(engine).or_else(|| missing(base).filter(|_| first));
        if let Some(reason) = reason {
            self.text(axis.x(1.0) + 3.0, y + 7.5, "figure", "start", &reason);
        }
    }

    fn close(mut self, conditions: &Conditions) -> String {
        let facts: Vec<_> = conditions.facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        self.text(16.0, self.bottom + 32.0, "small", "start", &facts.join("; "));
        self.out.push_str("</svg>\n");
        self.out
    }

    /// Where the bar of an engine in a row begins.
    fn top(&self, row: usize, place: usize) -> f64 {
        TOP + self.row_height * row as f64 + BAR * place as f64
    }

    /// The baseline of a row's label.
    fn middle(&self, row: usize) -> f64 {
        self.top(row, 0) + (self.row_height - ROW_GAP) / 2.0 + 3.5
    }

    fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        self.add(format_args!("<line class='{class}' x1='{x1:.1}' y1='{y1:.1}' x2='{x2:.1}' y2='{y2:.1}'/>"));
    }

    fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.add(format_args!(
            "<text class='{class}' x='{x:.1}' y='{y:.1}' text-anchor='{anchor}'>{text}</text>"
        ));
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.out, "{element}").expect("a string takes all text");
    }
}

fn colour(engine: usize) -> &'static str {
    COLOURS[engine % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[test]
    fn an_axis_has_round_ticks() {
        let axis = Axis::new(0.0, 300.0, [0.3, 4.0].into_iter());
        assert_eq!(axis.ticks(), [0.5, 1.0, 2.0]);
        let axis = Axis::new(0.0, 300.0, [0.009, 1200.0].into_iter());
        assert_eq!(axis.ticks(), [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]);
        assert!(axis.x(0.1) < axis.x(1.0));
    }
}
