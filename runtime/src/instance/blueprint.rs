//! A module made ready: its code, the initial contents of its memories, its types
//! in canonical form. Computed once, shared by all instances and threads.

use crate::backend::Code;
use crate::instance::Segments;
use crate::limits::{Resource, ResourceError};
use crate::link::ExternType;
use crate::memory::{ImagePart, MemoryImages};
use crate::shape::Shape;
use crate::store::Shared;
use crate::types::{TypeId, canonical_global, canonical_table};
use crate::vm::Vm;
use core::fmt;
use dayfly_parser::{DefinedFuncIdx, GlobalIdx, GlobalType, ImportType, Module, TableIdx, TableType};
use std::alloc::Layout;
use std::sync::Arc;

/// What instances of a module are made from.
pub struct Blueprint {
    shape: Arc<Shape>,
    code: Arc<dyn Code>,
    shared: Arc<Shared>,
    images: MemoryImages,
    imports: Box<[ExternType]>,
    tables: Box<[TableType]>,
    globals: Box<[GlobalType]>,
    /// Positions in the module's exports, ordered by name.
    exports_by_name: Box<[u32]>,
    /// The functions of the module that can be referred to.
    referable: Box<[(DefinedFuncIdx, TypeId)]>,
    has_passive_segments: bool,
    block: Layout,
}

impl Blueprint {
    /// Prepares a module whose code was made. It fails only if a module's state is
    /// larger than the address space.
    ///
    /// # Panics
    /// If the shape was made for another engine than `shared`.
    pub fn new(
        shape: Arc<Shape>,
        code: Arc<dyn Code>,
        shared: &Arc<Shared>,
    ) -> Result<Arc<Blueprint>, ResourceError> {
        assert!(Arc::ptr_eq(shape.types(), shared.types()), "module and store are of different engines");
        let module = &**shape.module();
        let bytes = shape.layout().size();
        let block = Layout::from_size_align(bytes, align_of::<Vm>())
            .map_err(|_| ResourceError::out_of_memory(Resource::InstanceBytes, bytes as u64))?;
        let ids = shape.type_ids();
        let tables = module.tables().iter().map(|t| canonical_table(ids, t.ty)).collect();
        let globals = module.globals().iter().map(|g| canonical_global(ids, g.ty)).collect();
        let imports = module.imports().iter().map(|import| expected(&shape, import.ty)).collect();
        let exports_by_name = exports_by_name(module);
        Ok(Arc::new(Blueprint {
            has_passive_segments: Segments::needed(module),
            code,
            shared: shared.clone(),
            images: MemoryImages::new(shared.config()),
            imports,
            tables,
            globals,
            exports_by_name,
            referable: referable(&shape),
            block,
            shape,
        }))
    }

    /// The module and its layout.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// The module.
    #[inline]
    pub fn module(&self) -> &Arc<Module> {
        self.shape.module()
    }

    /// The module's code.
    pub fn code(&self) -> &Arc<dyn Code> {
        &self.code
    }

    /// The engine that it was made for.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The initial contents of the module's memories.
    pub(crate) fn images(&self) -> &MemoryImages {
        &self.images
    }

    /// Takes the initial contents of memories from a file: `MemoryImages::adopt`.
    pub fn adopt_images(&self, parts: Vec<ImagePart>) {
        self.images.adopt(self.module(), parts);
    }

    /// Makes now what is otherwise made for the second instance. Returns whether
    /// instances have their initial memory contents mapped.
    pub fn expect_instances(&self) -> bool {
        self.images.make(self.module())
    }

    /// What the imports expect, in the module's order.
    pub fn imports(&self) -> &[ExternType] {
        &self.imports
    }

    /// A table's type, canonical.
    pub fn table_type(&self, table: TableIdx) -> TableType {
        self.tables[table.index()]
    }

    /// A global's type, canonical.
    pub fn global_type(&self, global: GlobalIdx) -> GlobalType {
        self.globals[global.index()]
    }

    /// The position of an export in the module's exports.
    pub fn export_position(&self, name: &str) -> Option<usize> {
        let exports = self.module().exports();
        let found = self.exports_by_name.binary_search_by(|&n| (*exports[n as usize].name).cmp(name));
        found.ok().map(|n| self.exports_by_name[n] as usize)
    }

    /// The functions of the module that can be referred to, with their types.
    pub(crate) fn referable(&self) -> &[(DefinedFuncIdx, TypeId)] {
        &self.referable
    }

    pub(crate) fn has_passive_segments(&self) -> bool {
        self.has_passive_segments
    }

    pub(crate) fn block_layout(&self) -> Layout {
        self.block
    }
}

fn expected(shape: &Shape, import: ImportType) -> ExternType {
    let ids = shape.type_ids();
    match import {
        ImportType::Func(ty) => ExternType::Func(shape.type_id(ty)),
        ImportType::Table(ty) => ExternType::Table(canonical_table(ids, ty)),
        ImportType::Memory(ty) => ExternType::Memory(ty),
        ImportType::Global(ty) => ExternType::Global(canonical_global(ids, ty)),
        ImportType::Tag(ty) => ExternType::Tag(shape.type_id(ty.func)),
    }
}

fn referable(shape: &Shape) -> Box<[(DefinedFuncIdx, TypeId)]> {
    let module = shape.module();
    let type_id = |func| shape.type_id(module.funcs()[module.func_index(func).index()]);
    let all = module.defined_funcs();
    all.filter(|func| shape.layout().func_ref(*func).is_some()).map(|func| (func, type_id(func))).collect()
}

fn exports_by_name(module: &Module) -> Box<[u32]> {
    let mut positions: Box<[u32]> = (0..module.exports().len() as u32).collect();
    positions.sort_unstable_by_key(|&n| &*module.exports()[n as usize].name);
    positions
}

impl fmt::Debug for Blueprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blueprint").finish_non_exhaustive()
    }
}
