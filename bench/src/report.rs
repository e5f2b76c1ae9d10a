//! All figures as JSON: of every round, and what tables derive from them.

use crate::conditions::Conditions;
use crate::results::{Cell, Results, Row, Spread};
use serde_json::{Map, Value, json};

/// The report of all suites.
pub fn report(conditions: &Conditions, suites: &[Results]) -> Value {
    let facts: Map<_, _> =
        conditions.facts.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    let engines: Map<_, _> = conditions
        .engines
        .iter()
        .map(|(name, version, settings)| {
            (name.to_string(), json!({ "version": version, "settings": settings }))
        })
        .collect();
    let suites: Map<_, _> =
        suites.iter().map(|results| (results.suite.name().to_owned(), suite(results))).collect();
    json!({ "conditions": facts, "engines": engines, "suites": suites })
}

fn suite(results: &Results) -> Value {
    let metrics: Vec<_> = results.suite.metrics().iter().map(|metric| metric.name).collect();
    let cases: Map<_, _> = results
        .rows
        .iter()
        .map(|row| {
            let cells = (0..results.engines.len())
                .map(|engine| (results.engines[engine].clone(), cell(results, row, engine)));
            (row.name.clone(), Value::Object(cells.collect()))
        })
        .collect();
    let means: Map<_, _> = results
        .engines
        .iter()
        .enumerate()
        .map(|(engine, name)| {
            let means = (0..metrics.len()).map(|metric| {
                let mean = results
                    .mean(engine, metric)
                    .map(|(ratio, cases)| json!({ "ratio": ratio, "cases": cases }));
                (metrics[metric].to_owned(), json!(mean))
            });
            (name.clone(), Value::Object(means.collect()))
        })
        .collect();
    let noise: Map<_, _> = results
        .engines
        .iter()
        .enumerate()
        .map(|(engine, name)| {
            let noise = (0..metrics.len())
                .map(|metric| (metrics[metric].to_owned(), json!(results.noise(engine, metric))));
            (name.clone(), Value::Object(noise.collect()))
        })
        .collect();
    json!({
        "base": results.engines[results.base],
        "units": "seconds and bytes",
        "cases": cases,
        "geometric_means": means,
        "noise": noise,
    })
}

fn cell(results: &Results, row: &Row, engine: usize) -> Value {
    let cell = &row.cells[engine];
    match cell {
        Cell::Lacks(proposal) => json!({ "lacks": proposal }),
        Cell::TooLong => json!({ "failed": "not done in time" }),
        Cell::Failed(reason) => json!({ "failed": reason }),
        Cell::Measured(_) => {
            let metrics = results.suite.metrics().iter().enumerate().map(|(number, metric)| {
                let figures = json!({
                    "rounds": cell.values(number),
                    "median": cell.spread(number).map(|spread| spread.median),
                    "ratio": results.ratio(row, engine, number).map(spread),
                });
                (metric.name.to_owned(), figures)
            });
            Value::Object(metrics.collect())
        }
    }
}

fn spread(spread: Spread) -> Value {
    json!({ "least": spread.min, "median": spread.median, "greatest": spread.max })
}
