//! Making an instance of a module, in the order that the specification gives.
//! What segments wrote before one of them trapped stays written.
//! Spec: exec/modules, "Instantiation".

use crate::const_expr::{ConstError, Scope, Unsupported, evaluate};
use crate::fault::{Failure, Fault, ThrownException};
use crate::instance::{Block, Blueprint, Segments, Template};
use crate::limits::ResourceError;
use crate::link::{ExternType, LinkError, check_import};
use crate::store::{ConstValue, Extern, Func, Instance, InstanceId, InstanceRecord, Positions, StoreOpaque};
use crate::trap::Trap;
use crate::types::canonical_ref;
use crate::vm::{Slot, VmGlobal};
use core::fmt;
use dayfly_parser::{
    ConstExpr, ConstOp, DataIdx, ElemIdx, ElementItems, ElementSegment, FuncIdx, GlobalIdx, MemoryIdx,
    SegmentMode, TableIdx, TagIdx,
};
use std::sync::Arc;

/// Why an instance was not made.
#[derive(Debug)]
pub enum InstantiateError {
    /// An import is missing or of an incompatible type.
    Link(LinkError),
    /// A limit was reached, or the system gives no more.
    Resource(ResourceError),
    /// A segment was out of bounds, or the start function failed.
    Failure(Box<Failure>),
    /// The module's initial state needs something that is not there yet.
    Unsupported(Unsupported),
}

impl StoreOpaque {
    /// Makes an instance from `imports` in the module's order, and runs its start function.
    ///
    /// # Panics
    /// If the module was made for another engine, or an import is of another store.
    pub fn instantiate(
        &mut self,
        blueprint: &Arc<Blueprint>,
        imports: &[Extern],
    ) -> Result<Instance, InstantiateError> {
        for n in 0..blueprint.imports().len() {
            let item = imports.get(n).ok_or_else(|| LinkError::missing(blueprint, n))?;
            check_import(blueprint, n, &ExternType::of(self, item))?;
        }
        // SAFETY: the imports were checked just now.
        unsafe { self.instantiate_checked(blueprint, imports) }
    }

    /// As `instantiate`, without checking the types of the imports.
    ///
    /// # Panics
    /// As `instantiate`; and if imports are missing or of the wrong kind.
    ///
    /// # Safety
    /// There is an import for each that the module has, and `check_import` accepts it.
    pub unsafe fn instantiate_checked(
        &mut self,
        blueprint: &Arc<Blueprint>,
        imports: &[Extern],
    ) -> Result<Instance, InstantiateError> {
        assert!(Arc::ptr_eq(blueprint.shared(), self.shared()), "module and store are of different engines");
        let imports = Imports::sort(self, blueprint, imports)?;
        let id = self.allocate(blueprint, imports, None)?.expect("memories of any kind were asked for");
        self.initialise(blueprint, id)?;
        self.start(blueprint, id)
    }

    /// Makes an instance of a template as the store's first, of which all memories can be reset,
    /// and does not run its start function. `None` if they cannot be had; then the store is as before.
    pub(crate) fn make_resettable(
        &mut self,
        template: &Template,
        imports: &[Extern],
    ) -> Result<Option<()>, InstantiateError> {
        let blueprint = template.blueprint();
        let imports = Imports::sort(self, blueprint, imports)?;
        let Some(id) = self.allocate(blueprint, imports, Some(template))? else { return Ok(None) };
        self.initialise(blueprint, id)?;
        Ok(Some(()))
    }

    /// Makes an instance as the store's first whose imports are functions of the host, and does
    /// not run its start function.
    pub(crate) fn make_plain(
        &mut self,
        blueprint: &Arc<Blueprint>,
        imports: &[Extern],
    ) -> Result<(), InstantiateError> {
        let imports = Imports::sort(self, blueprint, imports)?;
        let id = self.allocate(blueprint, imports, None)?.expect("memories of any kind were asked for");
        self.initialise(blueprint, id)
    }

    /// Runs the start function, if there is one.
    #[inline]
    pub(crate) fn start(
        &mut self,
        blueprint: &Blueprint,
        id: InstanceId,
    ) -> Result<Instance, InstantiateError> {
        if let Some(start) = blueprint.module().start() {
            let func = self.instances[id.0 as usize].block.func_ref(start);
            let func = func.expect("a start function can be referred to");
            let start = Func { store: self.id(), func };
            // SAFETY: a start function has neither parameters nor results.
            unsafe { self.call_raw(start, &mut []) }.map_err(InstantiateError::Failure)?;
        }
        Ok(self.instance_handle(id))
    }

    /// Makes everything of the instance that can fail for want of resources, then
    /// connects it. After an error the store is as before. `None` if memories that can be
    /// reset were asked for and are not to be had.
    fn allocate(
        &mut self,
        blueprint: &Arc<Blueprint>,
        imports: Imports,
        template: Option<&Template>,
    ) -> Result<Option<InstanceId>, InstantiateError> {
        let module = blueprint.module();
        self.admit_instance()?;
        self.admit_memories(module.memories().len() - imports.memories.len())?;
        self.admit_tables(module.tables().len() - imports.tables.len())?;
        let own = Own {
            memories: self.memories.len(),
            tables: self.tables.len(),
            globals: self.globals.len(),
            tags: self.tags.len(),
        };
        let id = InstanceId(self.instances.len() as u32);
        let made = self.allocate_own(blueprint, &imports, id, template);
        if let Ok(Some(block)) = made {
            self.connect(block, imports, own);
            return Ok(Some(id));
        }
        self.memories.truncate(own.memories);
        self.tables.truncate(own.tables);
        Ok(made.map(|_| None)?)
    }

    fn allocate_own(
        &mut self,
        blueprint: &Arc<Blueprint>,
        imports: &Imports,
        id: InstanceId,
        template: Option<&Template>,
    ) -> Result<Option<Block>, ResourceError> {
        let module = blueprint.module();
        for (n, ty) in module.memories().iter().enumerate().skip(imports.memories.len()) {
            let Some(template) = template else {
                self.add_memory(*ty)?;
                continue;
            };
            let initial = template.memory(MemoryIdx(n as u32));
            if self.add_resettable_memory(*ty, template.how(), initial)?.is_none() {
                return Ok(None);
            }
        }
        for n in imports.tables.len()..module.tables().len() {
            self.add_table(blueprint.table_type(TableIdx(n as u32)), 0)?;
        }
        Block::new(blueprint.clone(), self.vm_store(), id).map(Some)
    }

    /// Writes what the block holds of memories, tables, imports and tags, and
    /// records the instance.
    fn connect(&mut self, block: Block, imports: Imports, own: Own) {
        let blueprint = block.blueprint().clone();
        let (module, shape) = (blueprint.module(), blueprint.shape());
        let positions = |imported, first_own: usize| Positions { imported, first_own: first_own as u32 };
        let record = InstanceRecord {
            memories: positions(imports.memories, own.memories),
            tables: positions(imports.tables, own.tables),
            globals: positions(imports.globals, own.globals),
            tags: positions(imports.tags, own.tags),
            segments: if blueprint.has_passive_segments() {
                Segments::new(module)
            } else {
                Segments::default()
            },
            block,
        };
        for n in 0..module.memories().len() {
            let mirror = record.block.memory(MemoryIdx(n as u32));
            // SAFETY: the store keeps the block, and only the memory's owner writes there.
            unsafe { self.memories[record.memories.of(n) as usize].add_mirror(mirror) };
        }
        for n in 0..module.tables().len() {
            let mirror = record.block.table(TableIdx(n as u32));
            // SAFETY: the store keeps the block, and only the table's owner writes there.
            unsafe { self.tables[record.tables.of(n) as usize].add_mirror(mirror) };
        }
        for (n, func) in imports.funcs.iter().enumerate() {
            record.block.set_imported_func(FuncIdx(n as u32), func.func);
        }
        for (n, position) in record.globals.imported.iter().enumerate() {
            let cell = self.globals[*position as usize].cell;
            record.block.set_imported_global(GlobalIdx(n as u32), cell);
        }
        for n in record.globals.imported.len()..module.globals().len() {
            let global = GlobalIdx(n as u32);
            self.add_global(record.block.global(global), blueprint.global_type(global));
        }
        for tag in &module.tags()[record.tags.imported.len()..] {
            self.add_tag(shape.type_id(tag.func));
        }
        for n in 0..module.tags().len() {
            record.block.set_tag(TagIdx(n as u32), &raw const *self.tags[record.tags.of(n) as usize]);
        }
        self.instances.push(record);
    }

    pub(crate) fn initialise(
        &mut self,
        blueprint: &Blueprint,
        id: InstanceId,
    ) -> Result<(), InstantiateError> {
        let height = self.roots.const_stack.len();
        let result = self.initialise_all(blueprint, id);
        self.roots.const_stack.truncate(height);
        result
    }

    fn initialise_all(&mut self, blueprint: &Blueprint, id: InstanceId) -> Result<(), InstantiateError> {
        self.initialise_globals(blueprint, id)?;
        self.initialise_tables(blueprint, id)?;
        self.initialise_elements(blueprint, id)?;
        self.initialise_memories(blueprint, id)
    }

    fn initialise_globals(&mut self, blueprint: &Blueprint, id: InstanceId) -> Result<(), InstantiateError> {
        for (n, global) in blueprint.module().globals().iter().enumerate() {
            let Some(init) = &global.init else { continue };
            let value = self.evaluate(blueprint, id, init)?;
            let block = &self.instances[id.0 as usize].block;
            block.set_global(GlobalIdx(n as u32), VmGlobal(value.slots));
        }
        Ok(())
    }

    fn initialise_tables(&mut self, blueprint: &Blueprint, id: InstanceId) -> Result<(), InstantiateError> {
        for (n, table) in blueprint.module().tables().iter().enumerate() {
            let Some(init) = &table.init else { continue };
            let value = self.evaluate(blueprint, id, init)?;
            let position = self.instances[id.0 as usize].tables.of(n);
            let elements = &mut self.tables[position as usize].elements;
            let len = elements.vm().len as u64;
            elements.fill(0, value.slots[0], len).map_err(trapped)?;
        }
        Ok(())
    }

    /// All passive segments are there before an active one is written: functions that come into the table of another
    /// instance can be called even if this one is never whole.
    fn initialise_elements(&mut self, blueprint: &Blueprint, id: InstanceId) -> Result<(), InstantiateError> {
        let elements = blueprint.module().elements();
        for (n, segment) in elements.iter().enumerate() {
            if let (SegmentMode::Passive, ElementItems::Exprs(exprs)) = (&segment.mode, &segment.items) {
                self.keep_element(blueprint, id, ElemIdx(n as u32), exprs)?;
            }
        }
        for segment in elements {
            if let SegmentMode::Active { target, offset } = &segment.mode {
                self.write_element(blueprint, id, segment, *target, offset)?;
            }
        }
        Ok(())
    }

    /// Evaluates the items of a passive segment.
    fn keep_element(
        &mut self,
        blueprint: &Blueprint,
        id: InstanceId,
        elem: ElemIdx,
        exprs: &[ConstExpr],
    ) -> Result<(), InstantiateError> {
        let height = self.roots.const_stack.len();
        for expr in exprs {
            // On the stack, so that what it refers to stays alive.
            let value = self.evaluate(blueprint, id, expr)?;
            self.roots.const_stack.push(value);
        }
        let values = self.roots.const_stack.drain(height..).map(|value| value.slots[0]).collect();
        let ty = canonical_ref(blueprint.shape().type_ids(), blueprint.module().elements()[elem.index()].ty);
        let is_gc = self.shared().types().is_gc_ref(ty);
        self.instances[id.0 as usize].segments.set_values(elem, values, is_gc);
        Ok(())
    }

    fn write_element(
        &mut self,
        blueprint: &Blueprint,
        id: InstanceId,
        segment: &ElementSegment,
        target: TableIdx,
        offset: &ConstExpr,
    ) -> Result<(), InstantiateError> {
        let start = self.evaluate(blueprint, id, offset)?.slots[0];
        let table = self.instances[id.0 as usize].table(target) as usize;
        let len = segment.items.len() as u64;
        if start.checked_add(len).is_none_or(|end| end > self.tables[table].elements.vm().len as u64) {
            return Err(trapped(Trap::TableOutOfBounds));
        }
        for n in 0..segment.items.len() {
            let value = match &segment.items {
                ElementItems::Funcs(funcs) => {
                    let func = self.instances[id.0 as usize].block.func_ref(funcs[n]);
                    func.map_or(0, |func| func.as_ptr() as usize as Slot)
                }
                ElementItems::Exprs(exprs) => self.evaluate(blueprint, id, &exprs[n])?.slots[0],
            };
            self.tables[table].elements.fill(start + n as u64, value, 1).map_err(trapped)?;
        }
        Ok(())
    }

    fn initialise_memories(&mut self, blueprint: &Blueprint, id: InstanceId) -> Result<(), InstantiateError> {
        let record = &self.instances[id.0 as usize];
        if let Some(images) = blueprint.images().for_instance(blueprint.module()) {
            let mut mapped = true;
            for (memory, image) in images {
                let memory = &mut self.memories[record.memory(*memory) as usize];
                mapped &= memory.map_image(image).is_some();
            }
            if mapped {
                return Ok(());
            }
        }
        for (n, segment) in blueprint.module().data().iter().enumerate() {
            let SegmentMode::Active { target, offset } = &segment.mode else { continue };
            let start = self.evaluate(blueprint, id, offset)?.slots[0];
            let bytes = blueprint.module().data_bytes(DataIdx(n as u32));
            let position = self.instances[id.0 as usize].memory(*target);
            self.memories[position as usize].write(start, bytes).map_err(trapped)?;
        }
        Ok(())
    }

    fn evaluate(
        &mut self,
        blueprint: &Blueprint,
        id: InstanceId,
        expr: &ConstExpr,
    ) -> Result<ConstValue, InstantiateError> {
        evaluate(expr, &mut InInstance { store: self, blueprint, id }).map_err(|error| match error {
            ConstError::Unsupported(error) => InstantiateError::Unsupported(error),
            ConstError::Fault(fault) => InstantiateError::Failure(Failure::new(fault)),
        })
    }
}

/// The imports of an instance by kind, as positions in the store.
#[derive(Default)]
struct Imports {
    funcs: Vec<Func>,
    tables: Vec<u32>,
    memories: Vec<u32>,
    globals: Vec<u32>,
    tags: Vec<u32>,
}

impl Imports {
    fn sort(
        store: &mut StoreOpaque,
        blueprint: &Blueprint,
        imports: &[Extern],
    ) -> Result<Imports, ResourceError> {
        let mut sorted = Imports::default();
        for (import, expected) in imports.iter().zip(blueprint.imports()) {
            if let Some(owner) = import.store_id() {
                store.check(owner);
            }
            match (import, expected) {
                (Extern::Func(f), ExternType::Func(_)) => sorted.funcs.push(*f),
                (Extern::Table(t), ExternType::Table(_)) => sorted.tables.push(t.index),
                (Extern::Memory(m), ExternType::Memory(_)) => sorted.memories.push(m.index),
                (Extern::SharedMemory(m), ExternType::Memory(_)) => {
                    sorted.memories.push(store.attach_memory(m)?)
                }
                (Extern::Global(g), ExternType::Global(_)) => sorted.globals.push(g.index),
                (Extern::Tag(t), ExternType::Tag(_)) => sorted.tags.push(t.index),
                _ => panic!("an import of the wrong kind was not checked"),
            }
        }
        assert!(imports.len() >= blueprint.imports().len(), "missing imports were not checked");
        Ok(sorted)
    }
}

/// Where the own items of an instance begin in the store.
struct Own {
    memories: usize,
    tables: usize,
    globals: usize,
    tags: usize,
}

/// What constant expressions of an instance refer to.
struct InInstance<'a> {
    store: &'a mut StoreOpaque,
    blueprint: &'a Blueprint,
    id: InstanceId,
}

impl InInstance<'_> {
    fn block(&self) -> &Block {
        &self.store.instances[self.id.0 as usize].block
    }
}

impl Scope for InInstance<'_> {
    fn global(&self, global: GlobalIdx) -> Option<ConstValue> {
        let position = self.store.instances[self.id.0 as usize].globals.of(global.index());
        let is_gc = self.store.globals[position as usize].is_gc;
        Some(ConstValue { slots: self.block().global_value(global).0, is_gc })
    }

    fn func(&self, func: FuncIdx) -> Option<Slot> {
        Some(self.block().func_ref(func)?.as_ptr() as usize as Slot)
    }

    fn stack(&mut self) -> &mut Vec<ConstValue> {
        &mut self.store.roots.const_stack
    }

    fn allocate(&mut self, op: &ConstOp) -> Result<(), ConstError> {
        // SAFETY: the expression was validated, and its values are of this store.
        unsafe { self.store.const_object(self.blueprint.shape().type_ids(), op) }.map_err(ConstError::Fault)
    }
}

#[cold]
fn trapped(trap: Trap) -> InstantiateError {
    InstantiateError::Failure(Failure::new(Fault::Trap(trap)))
}

impl From<LinkError> for InstantiateError {
    fn from(error: LinkError) -> InstantiateError {
        InstantiateError::Link(error)
    }
}

impl From<ResourceError> for InstantiateError {
    fn from(error: ResourceError) -> InstantiateError {
        InstantiateError::Resource(error)
    }
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstantiateError::Link(error) => error.fmt(f),
            InstantiateError::Resource(error) => error.fmt(f),
            InstantiateError::Failure(failure) => match &failure.fault {
                Fault::Trap(trap) => trap.fmt(f),
                Fault::Exception => ThrownException.fmt(f),
                Fault::Host(error) => error.fmt(f),
                Fault::Body(error) => error.fmt(f),
                Fault::Compile(error) => error.fmt(f),
                Fault::Panic(_) => f.write_str("a host function panicked"),
            },
            InstantiateError::Unsupported(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for InstantiateError {}
