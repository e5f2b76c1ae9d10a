//! Stores, instances, memories, tables and traps: all state of the engine, and
//! one calling convention.
//!
//! The runtime names no engine. Code, whoever made it, is reached through
//! [`backend::Entry`]; everything that code reads directly is in [`vm`].
//! Start with [`store::StoreOpaque`], which owns all state, and
//! [`instance::Blueprint`], which instances are made from.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::string_slice))]
#![deny(unsafe_code)]

pub mod backend;
#[allow(unsafe_code, reason = "called by code with raw addresses of its instance")]
pub mod builtins;
pub mod config;
pub mod const_expr;
pub mod fault;
#[allow(unsafe_code, reason = "objects are reached by offsets in raw memory")]
pub mod gc;
#[allow(unsafe_code, reason = "host functions are entered by code, and values are read from slots")]
pub mod host;
#[allow(unsafe_code, reason = "allocates and fills the raw blocks of instances")]
pub mod instance;
#[allow(unsafe_code, reason = "connects raw blocks with what the store owns")]
pub mod instantiate;
pub mod limits;
pub mod link;
#[allow(unsafe_code, reason = "bytes that several threads or trackers reach are reached by address")]
pub mod memory;
pub mod num;
pub mod shape;
pub mod stack;
#[allow(unsafe_code, reason = "owns and frees what code reaches by address")]
pub mod store;
#[allow(unsafe_code, reason = "asks the system for memory, and is told of faults")]
pub mod sys;
#[allow(unsafe_code, reason = "elements may lie in pages that are tracked")]
pub mod table;
pub mod trap;
pub mod types;
#[allow(unsafe_code, reason = "what code reads and writes by address")]
pub mod vm;
