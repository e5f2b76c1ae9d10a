//! Where the arrays behind a `Vm` stand: byte offsets from its address, the same
//! for every instance of a module.

use crate::vm::{FuncRef, Vm, VmGlobal, VmMemory, VmTable};
use dayfly_parser::{FuncIdx, GlobalIdx, MemoryIdx, Module, TableIdx, TagIdx};

/// Offsets, in bytes, from the address of a `Vm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    memories: u32,
    tables: u32,
    imported_funcs: u32,
    globals: u32,
    imported_globals: u32,
    tags: u32,
    func_refs: u32,
    /// For each function the module defines, its rank among those that can be referred to.
    func_ref_rank: Box<[u32]>,
    func_ref_count: u32,
    size: u32,
}

/// Stands in `func_ref_rank` for a function without a reference.
const NO_RANK: u32 = u32::MAX;

impl Layout {
    /// Lays out the instances of a module. Every function has a reference if `refer_to_all`.
    pub fn new(module: &Module, refer_to_all: bool) -> Layout {
        let imported = module.imported();
        let mut end = size_of::<Vm>() as u32;
        let mut place = |count: usize, size: usize| {
            let at = end;
            end += (count * size) as u32;
            at
        };
        // Alignment: every size is a multiple of 8; the globals, of 16, come first.
        let globals = place(module.globals().len(), size_of::<VmGlobal>());
        let memories = place(module.memories().len().saturating_sub(1), size_of::<VmMemory>());
        let tables = place(module.tables().len(), size_of::<VmTable>());
        let imported_globals = place(imported.globals as usize, size_of::<*mut VmGlobal>());
        let imported_funcs = place(imported.funcs as usize, size_of::<*const FuncRef>());
        let tags = place(module.tags().len(), size_of::<*const ()>());
        let mut func_ref_count = 0;
        let ranks = (imported.funcs..module.funcs().len() as u32).map(|f| {
            if !refer_to_all && !module.escapes(FuncIdx(f)) && module.start() != Some(FuncIdx(f)) {
                return NO_RANK;
            }
            func_ref_count += 1;
            func_ref_count - 1
        });
        let func_ref_rank = ranks.collect();
        let func_refs = place(func_ref_count as usize, size_of::<FuncRef>());
        Layout {
            memories,
            tables,
            imported_funcs,
            globals,
            imported_globals,
            tags,
            func_refs,
            func_ref_rank,
            func_ref_count,
            size: end.next_multiple_of(16),
        }
    }

    /// Bytes of an instance's block.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// Bytes from the start of the block that are the instance's own state: what comes after
    /// them are function references, which change only when a function gets faster code.
    pub(crate) fn state_size(&self) -> usize {
        self.func_refs as usize
    }

    /// A memory's `VmMemory`.
    pub fn memory(&self, memory: MemoryIdx) -> u32 {
        match memory.0 {
            0 => core::mem::offset_of!(Vm, mem0) as u32,
            n => self.memories + (n - 1) * size_of::<VmMemory>() as u32,
        }
    }

    /// A table's `VmTable`.
    pub fn table(&self, table: TableIdx) -> u32 {
        self.tables + table.0 * size_of::<VmTable>() as u32
    }

    /// The `VmGlobal` of a global that the module defines. Imported ones have a
    /// cell too, unused, so that the index is the module's.
    pub fn global(&self, global: GlobalIdx) -> u32 {
        self.globals + global.0 * size_of::<VmGlobal>() as u32
    }

    /// The `*mut VmGlobal` of an imported global.
    pub fn imported_global(&self, global: GlobalIdx) -> u32 {
        self.imported_globals + global.0 * size_of::<*mut VmGlobal>() as u32
    }

    /// The `*const FuncRef` of an imported function.
    pub fn imported_func(&self, func: FuncIdx) -> u32 {
        self.imported_funcs + func.0 * size_of::<*const FuncRef>() as u32
    }

    /// The identity of a tag: a pointer.
    pub fn tag(&self, tag: TagIdx) -> u32 {
        self.tags + tag.0 * size_of::<*const ()>() as u32
    }

    /// The `FuncRef` of a function that the module defines; `None` if nothing can refer to it.
    pub fn func_ref(&self, defined: dayfly_parser::DefinedFuncIdx) -> Option<u32> {
        match self.func_ref_rank[defined.index()] {
            NO_RANK => None,
            rank => Some(self.func_refs + rank * size_of::<FuncRef>() as u32),
        }
    }

    /// How many `FuncRef`s an instance holds.
    pub fn func_ref_count(&self) -> u32 {
        self.func_ref_count
    }
}
