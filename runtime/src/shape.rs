//! What an engine needs to know about a module to make code for it: the module,
//! the canonical ids of its types, the layout of its instances, the settings
//! that code depends on. It is the same for all instances.

use crate::config::RuntimeConfig;
use crate::limits::ResourceError;
use crate::types::{TypeId, TypeRegistry};
use crate::vm::Layout;
use dayfly_parser::{Module, TypeIdx};
use std::sync::Arc;

/// A module together with what its code is compiled against.
#[derive(Debug)]
pub struct Shape {
    module: Arc<Module>,
    type_ids: Box<[TypeId]>,
    layout: Layout,
    config: Arc<RuntimeConfig>,
    types: Arc<TypeRegistry>,
}

impl Shape {
    /// Registers the module's types and lays out its instances.
    ///
    /// # Errors
    /// When the engine's types would take more than they may.
    pub fn new(
        module: Arc<Module>,
        types: Arc<TypeRegistry>,
        config: Arc<RuntimeConfig>,
    ) -> Result<Arc<Shape>, ResourceError> {
        Shape::for_makers(module, types, config, false)
    }

    /// As `new`; if the functions have `several` makers of code, every one of them has a reference,
    /// by which any maker's functions can call it.
    ///
    /// # Errors
    /// As for `new`.
    pub fn for_makers(
        module: Arc<Module>,
        types: Arc<TypeRegistry>,
        config: Arc<RuntimeConfig>,
        several: bool,
    ) -> Result<Arc<Shape>, ResourceError> {
        let type_ids = types.register_module(&module)?;
        let layout = Layout::new(&module, several || config.refer_to_all);
        Ok(Arc::new(Shape { module, type_ids, layout, config, types }))
    }

    /// The module.
    pub fn module(&self) -> &Arc<Module> {
        &self.module
    }

    /// The canonical id of a type of the module.
    #[inline]
    pub fn type_id(&self, ty: TypeIdx) -> TypeId {
        self.type_ids[ty.index()]
    }

    /// The canonical ids of all types of the module, by index.
    pub fn type_ids(&self) -> &[TypeId] {
        &self.type_ids
    }

    /// Where things stand in the block of an instance.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The settings that code depends on.
    pub fn config(&self) -> &RuntimeConfig {
        &self.config
    }

    /// The engine's types.
    pub fn types(&self) -> &Arc<TypeRegistry> {
        &self.types
    }
}
