//! The types of an engine. Recursion groups are the unit: two groups of the same
//! structure get the same ids, whichever module they come from. Types are only
//! ever added, and reading one takes no lock. What modules add is counted and has a limit. Spec: valid/conventions, "Rolling
//! and Unrolling".

use super::displays::{Display, Displays};
use super::{TypeId, map_sub};
use crate::gc::{Field, GcType};
use crate::limits::{Resource, ResourceError};
use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};
use dayfly_parser::{CompositeType, FieldType, FuncType, Module, SubType, TypeIdx, ValType};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// All types of an engine.
pub struct TypeRegistry {
    /// Chunk `n` holds `FIRST_CHUNK << n` types, so that none ever moves.
    chunks: [OnceLock<Chunk>; CHUNKS],
    groups: Mutex<Groups>,
    /// Where `Groups::displays` are; it never changes.
    displays: AtomicPtr<Display>,
    /// Bytes that the types may take when a module adds some.
    limit: u64,
}

type Chunk = Box<[OnceLock<Record>]>;

/// Log of the size of the first chunk.
const FIRST_CHUNK_LOG2: u32 = 6;
const CHUNKS: usize = 26;

/// Marks, in the key of a group, an index that counts within the group; so ids stay below it.
const WITHIN_GROUP: u32 = 1 << 31;

struct Record {
    ty: SubType,
    /// The supertypes from the root on, the type itself last.
    display: Box<[TypeId]>,
    /// Made when it is first asked for.
    gc: OnceLock<GcType>,
}

#[derive(Default)]
struct Groups {
    first_ids: HashMap<Box<[SubType]>, TypeId>,
    next: u32,
    /// Bytes that all of them take, about.
    bytes: u64,
    displays: Displays,
}

impl TypeRegistry {
    /// No types, and no limit.
    pub fn new() -> TypeRegistry {
        TypeRegistry::with_limit(u64::MAX)
    }

    /// No types yet. When those of a module would take more bytes than that together with all
    /// that are there, the module is refused.
    pub fn with_limit(limit: u64) -> TypeRegistry {
        let groups = Groups::default();
        let displays = AtomicPtr::new(groups.displays.address().cast_mut());
        let chunks = [const { OnceLock::new() }; CHUNKS];
        TypeRegistry { chunks, groups: Mutex::new(groups), displays, limit }
    }

    /// Bytes that all types take, about.
    pub fn size(&self) -> u64 {
        self.lock().bytes
    }

    /// Registers all types of a module; the result maps its type indices to ids.
    ///
    /// # Errors
    /// When the types take more than they may.
    pub fn register_module(&self, module: &Module) -> Result<Box<[TypeId]>, ResourceError> {
        let mut ids = Vec::with_capacity(module.types().len());
        for group in module.rec_groups() {
            let start = group.start;
            let types = &module.types()[group.start as usize..group.end as usize];
            let first = self.register_group(types, &|idx| match idx.0.checked_sub(start) {
                Some(within) => TypeIdx(WITHIN_GROUP | within),
                None => TypeId::as_idx(ids[idx.index()]),
            })?;
            ids.extend((0..types.len() as u32).map(|n| TypeId(first.0 + n)));
        }
        Ok(ids.into())
    }

    /// Registers a function type that is given in the canonical index space.
    pub fn register_func(&self, ty: &FuncType) -> TypeId {
        self.register(&SubType::plain(CompositeType::Func(ty.clone())))
    }

    /// Registers a type that is given in the canonical index space, as a group of its own. It is the
    /// host's, for which there is no limit.
    ///
    /// # Panics
    /// If there are 2^31 types.
    pub(crate) fn register(&self, ty: &SubType) -> TypeId {
        match self.add_group(core::slice::from_ref(ty), &|idx| idx, u64::MAX) {
            Ok(id) => id,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether there is a type of this id.
    pub fn contains(&self, id: TypeId) -> bool {
        if id.0 >= WITHIN_GROUP {
            return false;
        }
        let (chunk, position) = place(id);
        self.chunks[chunk].get().is_some_and(|chunk| chunk[position].get().is_some())
    }

    /// How many types are above a type.
    pub fn depth(&self, id: TypeId) -> usize {
        self.record(id).display.len() - 1
    }

    /// A type, in the canonical index space.
    ///
    /// # Panics
    /// If the id is not of this registry.
    pub fn get(&self, id: TypeId) -> &SubType {
        &self.record(id).ty
    }

    /// A function type, in the canonical index space.
    ///
    /// # Panics
    /// If the id is not of this registry or not of a function type.
    pub fn func(&self, id: TypeId) -> &FuncType {
        self.get(id).as_func().expect("the id is of a function type")
    }

    /// How objects of a type lie in the GC heap. The address holds as long as the registry.
    ///
    /// # Panics
    /// If the id is not of this registry.
    #[inline]
    pub fn gc_type(&self, id: TypeId) -> &GcType {
        self.record(id).gc.get_or_init(|| GcType::new(self, id))
    }

    /// Whether a value of type `actual` is also one of type `expected`. Constant time.
    #[inline]
    pub fn is_subtype(&self, actual: TypeId, expected: TypeId) -> bool {
        if actual == expected {
            return true;
        }
        let depth = self.record(expected).display.len() - 1;
        self.record(actual).display.get(depth) == Some(&expected)
    }

    /// The supertypes of the first `DISPLAYS` types, for compiled code. The address holds as long as the registry.
    pub(crate) fn displays(&self) -> *const Display {
        self.displays.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Groups> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register_group(
        &self,
        types: &[SubType],
        rename: &dyn Fn(TypeIdx) -> TypeIdx,
    ) -> Result<TypeId, ResourceError> {
        self.add_group(types, rename, self.limit)
    }

    /// The first id of a group, which is added unless it is there or takes more than what is left.
    fn add_group(
        &self,
        types: &[SubType],
        rename: &dyn Fn(TypeIdx) -> TypeIdx,
        limit: u64,
    ) -> Result<TypeId, ResourceError> {
        let key: Box<[SubType]> = types.iter().map(|ty| map_sub(ty, rename)).collect();
        let mut groups = self.lock();
        if let Some(first) = groups.first_ids.get(&key) {
            return Ok(*first);
        }
        let bytes = groups.bytes + key.iter().map(size_of_type).sum::<u64>();
        if bytes > limit {
            return Err(ResourceError::limit(Resource::TypeBytes, bytes, Some(limit)));
        }
        let first = TypeId(groups.next);
        let next = groups.next as usize + key.len();
        if next >= WITHIN_GROUP as usize {
            return Err(ResourceError::out_of_memory(Resource::TypeBytes, bytes));
        }
        for (n, ty) in key.iter().enumerate() {
            let (id, record) = (TypeId(first.0 + n as u32), self.unrolled(ty, first, n));
            groups.displays.add(id, &record.display);
            self.publish(id, record);
        }
        groups.next = next as u32;
        groups.bytes = bytes;
        groups.first_ids.insert(key, first);
        Ok(first)
    }

    /// The record of the `n`-th type of a group whose first id is `first`.
    fn unrolled(&self, ty: &SubType, first: TypeId, n: usize) -> Record {
        let ty = map_sub(ty, &|idx| match idx.0 & WITHIN_GROUP {
            0 => idx,
            _ => TypeIdx(first.0 + (idx.0 & !WITHIN_GROUP)),
        });
        let above = ty.supertype.map_or(&[][..], |s| &self.record(TypeId(s.0)).display);
        let display = above.iter().copied().chain([TypeId(first.0 + n as u32)]).collect();
        Record { ty, display, gc: OnceLock::new() }
    }

    fn publish(&self, id: TypeId, record: Record) {
        let (chunk, position) = place(id);
        let size = 1usize << (chunk as u32 + FIRST_CHUNK_LOG2);
        let chunk = self.chunks[chunk].get_or_init(|| (0..size).map(|_| OnceLock::new()).collect());
        if chunk[position].set(record).is_err() {
            unreachable!("an id is given out once");
        }
    }

    #[inline]
    fn record(&self, id: TypeId) -> &Record {
        let (chunk, position) = place(id);
        let record = self.chunks[chunk].get().and_then(|chunk| chunk[position].get());
        record.expect("the type id is of this engine")
    }
}

/// Bytes that a type takes here: as the key of its group, as itself, and as the layout of objects.
fn size_of_type(ty: &SubType) -> u64 {
    let (values, size) = match &ty.composite {
        CompositeType::Func(func) => (func.params.len() + func.results.len(), size_of::<ValType>()),
        CompositeType::Struct(fields) => (fields.len(), size_of::<FieldType>()),
        CompositeType::Array(_) | CompositeType::Cont(_) => (0, 0),
    };
    let each = 2 * size + size_of::<Field>() + size_of::<u32>();
    // The chunks of records are up to twice as large as they need to be.
    let fixed = size_of::<SubType>() + 2 * size_of::<OnceLock<Record>>() + MAX_DISPLAY;
    (fixed + values * each) as u64
}

/// Bytes of the list of the types above one, and what allocating and hashing add.
const MAX_DISPLAY: usize = 128;

/// Which chunk holds a type, and where in it.
#[inline]
fn place(id: TypeId) -> (usize, usize) {
    let n = id.0 + (1 << FIRST_CHUNK_LOG2);
    let log2 = n.ilog2();
    ((log2 - FIRST_CHUNK_LOG2) as usize, (n - (1 << log2)) as usize)
}

impl Default for TypeRegistry {
    fn default() -> TypeRegistry {
        TypeRegistry::new()
    }
}

impl fmt::Debug for TypeRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeRegistry").finish_non_exhaustive()
    }
}
