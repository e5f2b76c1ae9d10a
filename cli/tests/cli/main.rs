//! The built command on small guests, and the programs of `../shared/bench`.

mod command;
mod compile;
mod errors;
mod run;
mod snapshot;
mod tools;
mod wasi;
mod workloads;
