//! The instances of a store and what they export. Spec: exec/runtime, "Module
//! Instances" and "Export Instances".

use super::{Extern, Global, Instance, InstanceId, Memory, StoreOpaque, Table, Tag};
use crate::instance::{Block, Blueprint, Segments};
use crate::limits::{DEFAULT_COUNT, Resource, ResourceError};
use crate::shape::Shape;
use crate::vm::Vm;
use dayfly_parser::{DataIdx, ElemIdx, ExportItem, GlobalIdx, MemoryIdx, TableIdx, TagIdx};
use std::sync::Arc;

/// An instance and where its parts are in the store.
#[derive(Debug)]
pub(crate) struct InstanceRecord {
    pub(crate) block: Block,
    pub(crate) memories: Positions,
    pub(crate) tables: Positions,
    pub(crate) globals: Positions,
    pub(crate) tags: Positions,
    pub(crate) segments: Segments,
}

/// Where an index space of an instance is in its store: imported items anywhere,
/// its own one after the other.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    pub(crate) imported: Vec<u32>,
    pub(crate) first_own: u32,
}

impl Positions {
    /// The position of an item.
    pub(crate) fn of(&self, index: usize) -> u32 {
        match index.checked_sub(self.imported.len()) {
            None => self.imported[index],
            Some(own) => self.first_own + own as u32,
        }
    }
}

impl InstanceRecord {
    /// Position of a memory in the store.
    pub(crate) fn memory(&self, memory: MemoryIdx) -> u32 {
        self.memories.of(memory.index())
    }

    /// Position of a table in the store.
    pub(crate) fn table(&self, table: TableIdx) -> u32 {
        self.tables.of(table.index())
    }

    fn global(&self, global: GlobalIdx) -> u32 {
        self.globals.of(global.index())
    }

    fn tag(&self, tag: TagIdx) -> u32 {
        self.tags.of(tag.index())
    }
}

impl StoreOpaque {
    /// An export by name.
    pub fn instance_export(&self, instance: Instance, name: &str) -> Option<Extern> {
        let record = self.instance(instance);
        let position = record.block.blueprint().export_position(name)?;
        Some(self.export(record, record.block.blueprint().module().exports()[position].item))
    }

    /// The export at a position in the module's exports.
    ///
    /// # Panics
    /// If there are fewer exports.
    pub fn instance_export_at(&self, instance: Instance, position: usize) -> Extern {
        let record = self.instance(instance);
        self.export(record, record.block.blueprint().module().exports()[position].item)
    }

    /// All exports, in the module's order.
    pub fn instance_exports(&self, instance: Instance) -> impl Iterator<Item = (&str, Extern)> {
        let record = self.instance(instance);
        let exports = record.block.blueprint().module().exports().iter();
        exports.map(|export| (&*export.name, self.export(record, export.item)))
    }

    /// An item by index, exported or not; `None` for a function that nothing can refer to.
    ///
    /// # Panics
    /// If the module has no such item.
    pub fn instance_item(&self, instance: Instance, item: ExportItem) -> Option<Extern> {
        let record = self.instance(instance);
        match item {
            ExportItem::Func(f) if record.block.func_ref(f).is_none() => None,
            item => Some(self.export(record, item)),
        }
    }

    /// Whether a data segment of an instance was dropped, or never was passive.
    pub fn data_dropped(&self, instance: Instance, data: DataIdx) -> bool {
        self.instance(instance).segments.data_dropped(data)
    }

    /// Whether an element segment of an instance was dropped, or never was passive.
    pub fn elem_dropped(&self, instance: Instance, elem: ElemIdx) -> bool {
        self.instance(instance).segments.elem_dropped(elem)
    }

    /// What an instance was made from.
    ///
    /// # Panics
    /// If there is no such instance.
    pub fn instance_blueprint(&self, id: InstanceId) -> &Arc<Blueprint> {
        self.instances[id.0 as usize].block.blueprint()
    }

    /// An instance's block; good as long as the store.
    ///
    /// # Panics
    /// If there is no such instance.
    pub fn instance_vm(&self, id: InstanceId) -> *mut Vm {
        self.instances[id.0 as usize].block.vm()
    }

    /// The instance that was made from this module as it was made ready, if there is just one.
    pub fn only_instance_of(&self, shape: &Arc<Shape>) -> Option<InstanceId> {
        let mut all = self.instances.iter().zip(0..);
        let mut next = || all.find(|(record, _)| Arc::ptr_eq(record.block.blueprint().shape(), shape));
        let (_, only) = next()?;
        next().is_none().then_some(InstanceId(only))
    }

    /// The handle of an instance.
    pub fn instance_handle(&self, id: InstanceId) -> Instance {
        Instance { store: self.owner(id.0 == 0), id }
    }

    /// Checks that the limiter lets the store have one more instance.
    pub(crate) fn admit_instance(&mut self) -> Result<(), ResourceError> {
        let allowed = self.limiter().map_or(DEFAULT_COUNT, |l| l.instances());
        let total = self.instances.len() + 1;
        if total > allowed {
            return Err(ResourceError::limit(Resource::Instances, total as u64, Some(allowed as u64)));
        }
        Ok(())
    }

    fn instance(&self, instance: Instance) -> &InstanceRecord {
        self.check(instance.store);
        &self.instances[instance.id.0 as usize]
    }

    fn export(&self, record: &InstanceRecord, item: ExportItem) -> Extern {
        let staying = self.staying();
        let owner = |index: u32, staying: usize| self.owner((index as usize) < staying);
        match item {
            ExportItem::Func(f) => {
                let func = record.block.func_ref(f).expect("an exported function can be referred to");
                Extern::Func(self.func_handle(func))
            }
            ExportItem::Table(t) => {
                let index = record.table(t);
                Extern::Table(Table { store: owner(index, staying.tables), index })
            }
            ExportItem::Memory(m) => {
                let index = record.memory(m);
                match self.memories[index as usize].as_shared() {
                    Some(shared) => Extern::SharedMemory(shared.clone()),
                    None => Extern::Memory(Memory { store: owner(index, staying.memories), index }),
                }
            }
            ExportItem::Global(g) => {
                let index = record.global(g);
                Extern::Global(Global { store: owner(index, staying.globals), index })
            }
            ExportItem::Tag(t) => {
                let index = record.tag(t);
                Extern::Tag(Tag { store: owner(index, staying.tags), index })
            }
        }
    }
}
