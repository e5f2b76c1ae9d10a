//! An instance's insides, exported or not, for tools that save or compare state.
//! Nothing here changes what it looks at.

use crate::host::AsContext;
use crate::store::{Extern, Instance};
use dayfly_parser::{DataIdx, ElemIdx, ExportItem};

/// All methods panic if the instance is of another store than they are given.
impl Instance {
    /// An item of the instance's index spaces, as if it were exported; `None` for a
    /// function that nothing can refer to.
    ///
    /// # Panics
    /// If the module has no such item.
    pub fn item(&self, store: impl AsContext, item: ExportItem) -> Option<Extern> {
        store.as_context().opaque().instance_item(*self, item)
    }

    /// Whether a data segment was dropped; one that is not passive counts as dropped.
    pub fn data_dropped(&self, store: impl AsContext, data: DataIdx) -> bool {
        store.as_context().opaque().data_dropped(*self, data)
    }

    /// Whether an element segment was dropped; one that is not passive counts as dropped.
    pub fn elem_dropped(&self, store: impl AsContext, elem: ElemIdx) -> bool {
        store.as_context().opaque().elem_dropped(*self, elem)
    }
}
