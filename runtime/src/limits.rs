//! Limits on what the guests of a store may take, and the error that tells of a
//! limit that was reached. Spec: appendix/implementation, "Execution".

use crate::fault::HostError;
use core::fmt;

/// What can be limited or run out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// Bytes of a memory.
    MemoryBytes,
    /// Entries of a table.
    TableElements,
    /// Instances of a store.
    Instances,
    /// Memories of a store.
    Memories,
    /// Tables of a store.
    Tables,
    /// Bytes of an instance's own state.
    InstanceBytes,
    /// Bytes of the guest stack.
    StackBytes,
    /// Bytes of the GC heap.
    GcHeapBytes,
    /// Bytes of the types of an engine.
    TypeBytes,
}

/// Why memory, a table or an instance was not given.
#[derive(Debug)]
pub enum ResourceError {
    /// A limit stands against it: the type's own maximum, or the store's limiter.
    Limit {
        /// Of what.
        resource: Resource,
        /// How much there would have been.
        requested: u64,
        /// How much is allowed, where that is known.
        allowed: Option<u64>,
    },
    /// The system does not give it.
    OutOfMemory {
        /// For what.
        resource: Resource,
        /// How much there would have been.
        requested: u64,
    },
    /// The limiter failed the request.
    Host(HostError),
}

impl ResourceError {
    #[cold]
    pub(crate) fn limit(resource: Resource, requested: u64, allowed: Option<u64>) -> ResourceError {
        ResourceError::Limit { resource, requested, allowed }
    }

    #[cold]
    pub(crate) fn out_of_memory(resource: Resource, requested: u64) -> ResourceError {
        ResourceError::OutOfMemory { resource, requested }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Resource::MemoryBytes => "bytes of memory",
            Resource::TableElements => "table elements",
            Resource::Instances => "instances",
            Resource::Memories => "memories",
            Resource::Tables => "tables",
            Resource::InstanceBytes => "bytes of instance state",
            Resource::StackBytes => "bytes of guest stack",
            Resource::GcHeapBytes => "bytes of GC heap",
            Resource::TypeBytes => "bytes of types in the engine",
        })
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResourceError::Limit { resource, requested, allowed: Some(allowed) } => {
                write!(f, "limit exceeded: {requested} {resource} requested, {allowed} allowed")
            }
            ResourceError::Limit { resource, requested, allowed: None } => {
                write!(f, "limit exceeded: {requested} {resource} requested, refused by the store's limiter")
            }
            ResourceError::OutOfMemory { resource, requested } => {
                write!(f, "out of memory: the system does not give {requested} {resource}")
            }
            ResourceError::Host(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ResourceError {}

/// Decides what the guests of a store may take. It is asked when memories and
/// tables are created and when they grow, by guest or host.
pub trait ResourceLimiter {
    /// Whether a memory may grow from `current` to `desired` bytes; `maximum` is
    /// its type's. A created memory grows from 0. `Ok(false)` refuses (the guest
    /// sees -1), an error becomes the failure of the running call.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, HostError>;

    /// Whether a table may grow from `current` to `desired` elements; otherwise
    /// as `memory_growing`.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, HostError>;

    /// Told when a growth that was allowed did not succeed. An error becomes the
    /// failure of the running call.
    fn memory_grow_failed(&mut self, error: HostError) -> Result<(), HostError> {
        drop(error);
        Ok(())
    }

    /// As `memory_grow_failed`.
    fn table_grow_failed(&mut self, error: HostError) -> Result<(), HostError> {
        drop(error);
        Ok(())
    }

    /// Instances that the store may hold.
    fn instances(&self) -> usize {
        DEFAULT_COUNT
    }

    /// Tables that the store may hold.
    fn tables(&self) -> usize {
        DEFAULT_COUNT
    }

    /// Memories that the store may hold.
    fn memories(&self) -> usize {
        DEFAULT_COUNT
    }
}

/// Instances, tables and memories of a store unless its limiter says otherwise.
pub(crate) const DEFAULT_COUNT: usize = 10_000;

/// Fixed limits, as a [`ResourceLimiter`].
#[derive(Clone, Debug)]
pub struct StoreLimits {
    memory_size: Option<usize>,
    table_elements: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_size: None,
            table_elements: None,
            instances: DEFAULT_COUNT,
            tables: DEFAULT_COUNT,
            memories: DEFAULT_COUNT,
            trap_on_grow_failure: false,
        }
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, HostError> {
        let allowed = self.memory_size.is_none_or(|limit| desired <= limit)
            && maximum.is_none_or(|maximum| desired <= maximum);
        if !allowed && self.trap_on_grow_failure {
            return Err(HostError::msg(format!("forcing trap when growing memory to {desired} bytes")));
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, HostError> {
        let allowed = self.table_elements.is_none_or(|limit| desired <= limit)
            && maximum.is_none_or(|maximum| desired <= maximum);
        if !allowed && self.trap_on_grow_failure {
            return Err(HostError::msg(format!("forcing trap when growing table to {desired} elements")));
        }
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: HostError) -> Result<(), HostError> {
        if self.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn table_grow_failed(&mut self, error: HostError) -> Result<(), HostError> {
        if self.trap_on_grow_failure { Err(error) } else { Ok(()) }
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Makes [`StoreLimits`].
#[derive(Clone, Debug, Default)]
pub struct StoreLimitsBuilder(StoreLimits);

impl StoreLimitsBuilder {
    /// No limits on sizes; 10,000 instances, tables and memories.
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// Bytes that each memory may have.
    pub fn memory_size(mut self, limit: usize) -> StoreLimitsBuilder {
        self.0.memory_size = Some(limit);
        self
    }

    /// Elements that each table may have.
    pub fn table_elements(mut self, limit: usize) -> StoreLimitsBuilder {
        self.0.table_elements = Some(limit);
        self
    }

    /// Instances that the store may hold.
    pub fn instances(mut self, limit: usize) -> StoreLimitsBuilder {
        self.0.instances = limit;
        self
    }

    /// Tables that the store may hold.
    pub fn tables(mut self, limit: usize) -> StoreLimitsBuilder {
        self.0.tables = limit;
        self
    }

    /// Memories that the store may hold.
    pub fn memories(mut self, limit: usize) -> StoreLimitsBuilder {
        self.0.memories = limit;
        self
    }

    /// Whether growth that does not succeed fails the call instead of giving -1.
    pub fn trap_on_grow_failure(mut self, trap: bool) -> StoreLimitsBuilder {
        self.0.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    pub fn build(self) -> StoreLimits {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_limits_refuse_or_fail() {
        let mut limits = StoreLimitsBuilder::new().memory_size(10).table_elements(2).build();
        assert!(limits.memory_growing(0, 10, None).unwrap());
        assert!(!limits.memory_growing(0, 11, None).unwrap());
        assert!(!limits.memory_growing(0, 8, Some(7)).unwrap());
        assert!(!limits.table_growing(0, 3, None).unwrap());
        let mut limits = StoreLimitsBuilder::new().memory_size(10).trap_on_grow_failure(true).build();
        let error = limits.memory_growing(0, 11, None).unwrap_err();
        assert_eq!(error.to_string(), "forcing trap when growing memory to 11 bytes");
    }

    #[test]
    fn errors_tell_what_and_how_much() {
        let error = ResourceError::limit(Resource::MemoryBytes, 131072, Some(65536));
        assert_eq!(error.to_string(), "limit exceeded: 131072 bytes of memory requested, 65536 allowed");
        let error = ResourceError::out_of_memory(Resource::TableElements, 7);
        assert_eq!(error.to_string(), "out of memory: the system does not give 7 table elements");
    }
}
