//! Tests of the parser against wasmparser, the official suite and damaged modules.

mod customs;
mod differential;
mod modules;
mod reading;
mod reference;
mod robustness;
mod suite;
mod written;
