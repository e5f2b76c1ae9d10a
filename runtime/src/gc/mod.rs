//! The GC heap of a store: structures, arrays, exceptions and host values, reached
//! by 32-bit references. Allocation bumps a pointer; a copying collector moves what
//! is alive from one half of a reservation to the other.
//!
//! Invariant: whatever is alive across an allocation is in a root, since every
//! allocation may collect. Roots are the frames of all activations, globals,
//! tables, element segments, handles of the host, values of constant expressions
//! and the exception being thrown; all of them are precise.
//! Spec: exec/runtime, "Structure Instances" and after.

pub mod builtins;
pub mod layout;

mod addresses;
mod collect;
mod constant;
mod heap;
mod hosts;
mod matches;
pub(crate) mod object;

pub use heap::GcStats;
pub use layout::{ELEMENTS_OFFSET, Field, GcKind, GcType, HEADER_SIZE, Storage, array_size};
pub use matches::EncodedRefType;
pub use object::{FIRST_MARK, ObjectKind};

pub(crate) use addresses::{Address, each_address};
pub(crate) use collect::Collection;
pub(crate) use heap::{GcHeap, INITIAL_CAPACITY, bump};
pub(crate) use hosts::HostTable;
pub(crate) use object::Header;

#[cfg(test)]
mod tests;
