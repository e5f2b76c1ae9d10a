//! The suites, one for each phase of an instance's life: what is measured, on what.

use crate::workload::{self, Kind, Workload};
use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Loading smaller modules says more of fixed costs than of loading.
const MIN_MODULE_BYTES: usize = 30_000;

/// The program that holds functions for measuring calls.
const CALLS: &str = "guest/call";

/// Cases of the suite `call`.
pub const CALL_CASES: [&str; 3] = ["host to guest", "guest to host", "guest to guest"];

/// A phase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Parse and validate.
    Decode,
    /// Bytes to a module that can be instantiated.
    Compile,
    /// Make and drop a store with an instance.
    Instantiate,
    /// Calls between host and guest.
    Call,
    /// Whole programs, from bytes to their end.
    Run,
    /// Programs that make many objects on the heap for references.
    Gc,
    /// Compiled modules: from the file to the first call.
    Artifact,
}

/// A quantity; less is better.
pub struct Metric {
    /// What is measured.
    pub name: &'static str,
    /// How to show it.
    pub unit: Unit,
    /// Whether it is drawn.
    pub charted: bool,
}

/// How a quantity is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Shown as ns to s.
    Seconds,
    /// Shown as MB.
    Bytes,
    /// Shown as MB/s.
    SecondsPerByte,
    /// Shown as millions a second.
    SecondsPerObject,
    /// Shown as it is.
    Count,
}

/// What a suite measures on.
#[derive(Clone, Serialize, Deserialize)]
pub struct Case {
    /// Its row in tables.
    pub name: String,
    /// The program.
    pub workload: Workload,
}

const fn metric(name: &'static str, unit: Unit, charted: bool) -> Metric {
    Metric { name, unit, charted }
}

impl Suite {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Decode => "decode",
            Suite::Compile => "compile",
            Suite::Instantiate => "instantiate",
            Suite::Call => "call",
            Suite::Run => "run",
            Suite::Gc => "gc",
            Suite::Artifact => "artifact",
        }
    }

    /// What a measurement gives, in this order.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Suite::Decode => {
                const {
                    &[
                        metric("decode", Unit::SecondsPerByte, true),
                        metric("decode, CPU", Unit::SecondsPerByte, false),
                    ]
                }
            }
            Suite::Compile => {
                const { &[metric("compile", Unit::Seconds, true), metric("compile, CPU", Unit::Seconds, false)] }
            }
            Suite::Instantiate => {
                const {
                    &[
                        metric("instantiate", Unit::Seconds, false),
                        metric("instantiate, CPU", Unit::Seconds, true),
                    ]
                }
            }
            Suite::Call => {
                const { &[metric("call", Unit::Seconds, false), metric("call, CPU", Unit::Seconds, true)] }
            }
            Suite::Run => {
                const {
                    &[
                        metric("start: bytes to first instruction", Unit::Seconds, true),
                        metric("start, CPU", Unit::Seconds, false),
                        metric("execution", Unit::Seconds, false),
                        metric("execution, CPU", Unit::Seconds, true),
                        metric("peak memory", Unit::Bytes, true),
                        metric("peak memory with the engine's code", Unit::Bytes, false),
                    ]
                }
            }
            Suite::Gc => {
                const {
                    &[
                        metric("execution, CPU", Unit::Seconds, true),
                        metric("objects made", Unit::SecondsPerObject, false),
                        metric("bytes allocated", Unit::SecondsPerByte, false),
                        metric("collections", Unit::Count, false),
                        metric("all pauses", Unit::Seconds, false),
                        metric("longest pause", Unit::Seconds, false),
                        metric("heap", Unit::Bytes, false),
                        metric("peak memory", Unit::Bytes, true),
                    ]
                }
            }
            Suite::Artifact => {
                const {
                    &[
                        metric("file to instance", Unit::Seconds, false),
                        metric("file to instance, CPU", Unit::Seconds, false),
                        metric("file to the end of the guest's first step", Unit::Seconds, true),
                        metric("file to the end of the guest's first step, CPU", Unit::Seconds, true),
                        metric("size of the file", Unit::Bytes, true),
                        metric("peak memory", Unit::Bytes, false),
                    ]
                }
            }
        }
    }

    /// What it measures on: of the programs, or modules, whose name contains one of
    /// `patterns`.
    pub fn cases(self, patterns: &[String]) -> Result<Vec<Case>> {
        let mut workloads = workload::all()?;
        // Programs for the collector are in no other suite.
        workloads
            .retain(|workload| workload.objects.is_some() == (self == Suite::Gc) || workload.id == CALLS);
        let calls = workloads.iter().position(|workload| workload.id == CALLS).map(|at| workloads.remove(at));
        let mut cases = match self {
            Suite::Call => {
                let workload = calls.context("the module for measuring calls is not listed")?;
                return Ok(CALL_CASES
                    .map(|name| Case { name: name.to_owned(), workload: workload.clone() })
                    .into());
            }
            Suite::Run | Suite::Gc => {
                workloads.into_iter().map(|w| Case { name: w.id.clone(), workload: w }).collect()
            }
            Suite::Decode | Suite::Compile => modules(workloads, |_| false)?,
            // And one that is small.
            Suite::Artifact => {
                let small = calls.into_iter().map(|w| Case { name: w.module_name(), workload: w });
                small.chain(modules(workloads, |_| false)?).collect()
            }
            Suite::Instantiate => modules(workloads, |kind| matches!(kind, Kind::Exports { .. }))?,
        };
        if !patterns.is_empty() {
            cases.retain(|case| patterns.iter().any(|pattern| case.name.contains(pattern)));
        }
        Ok(cases)
    }
}

/// The distinct modules of programs, without small ones unless `keep` wants them or
/// there are no others.
fn modules(workloads: Vec<Workload>, keep: fn(&Kind) -> bool) -> Result<Vec<Case>> {
    let mut modules: Vec<(Case, bool)> = Vec::new();
    for workload in workloads {
        let name = workload.module_name();
        if !modules.iter().any(|(case, _)| case.name == name) {
            let large = workload.wasm()?.len() >= MIN_MODULE_BYTES;
            modules.push((Case { name, workload }, large));
        }
    }
    let none_large = modules.iter().all(|(_, large)| !large);
    modules.retain(|(case, large)| none_large || *large || keep(&case.workload.kind));
    Ok(modules.into_iter().map(|(case, _)| case).collect())
}

impl Case {
    /// The module, in binary form.
    pub fn wasm(&self) -> Result<Vec<u8>> {
        self.workload.wasm().with_context(|| format!("cannot load {}", self.name))
    }
}
