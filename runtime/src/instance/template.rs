//! What instances of a module with given imports start from, prepared once, so that
//! one that was used can be made a fresh one in place. Where the parts of used ones wait
//! is a matter of the engine (`store/pool.rs`).

use super::Blueprint;
use crate::config::MemoryTracking;
use crate::host::HostFunc;
use crate::memory::{self, MemoryImage};
use crate::store::Rest;
use crate::sys::tracking;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use dayfly_parser::MemoryIdx;
use std::sync::{Arc, Mutex, PoisonError};

/// A module whose imports are all functions of the host.
#[derive(Debug)]
pub(crate) struct Template {
    blueprint: Arc<Blueprint>,
    imports: Box<[Arc<HostFunc>]>,
    how: MemoryTracking,
    /// What a fresh instance has beyond what the module says.
    warm: Option<Warm>,
    /// Nobody will ask for instances any more, or they cannot be had this way.
    closed: AtomicBool,
    /// How often parts could not be made.
    failures: AtomicU32,
    /// The pages that instances have written so far, for each memory.
    hot: Mutex<Vec<Vec<u32>>>,
}

/// The state of an instance that has run already.
#[derive(Debug)]
pub(crate) struct Warm {
    /// Everything but what is in the memories.
    pub(crate) state: Box<[u8]>,
    /// What of it cannot be bytes.
    pub(crate) rest: Rest,
    /// Size in pages and contents of each memory.
    pub(crate) memories: Vec<(u64, Option<MemoryImage>)>,
}

/// Keeps what used instances of a template leave behind; when it is dropped, that is freed.
#[derive(Debug)]
pub(crate) struct TemplateOwner(Arc<Template>);

/// Pages that a new slot makes writable ahead, at most.
const MAX_HOT: usize = 48;

/// After so many failures it is not tried again.
const MAX_FAILURES: u32 = 16;

impl TemplateOwner {
    /// A template, if instances of the module can be used again: it has no memory that
    /// threads share or that is too large to be tracked, its initial contents cannot fail to be written, and the system lets
    /// us learn of writes.
    pub(crate) fn new(blueprint: &Arc<Blueprint>, imports: Vec<Arc<HostFunc>>) -> Option<TemplateOwner> {
        let (module, config) = (blueprint.module(), blueprint.shared().config());
        if !config.instance_reuse || !blueprint.expect_instances() {
            return None;
        }
        if !module.memories().iter().all(memory::can_be_reset) {
            return None;
        }
        let how = tracking::usable(config.memory_tracking)?;
        let hot = Mutex::new(vec![Vec::new(); module.memories().len()]);
        let template = Template {
            blueprint: blueprint.clone(),
            imports: imports.into(),
            how,
            warm: None,
            closed: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            hot,
        };
        Some(TemplateOwner(Arc::new(template)))
    }

    /// A template whose instances start from another state.
    pub(crate) fn warmed(&self, warm: Warm) -> TemplateOwner {
        let Template { blueprint, imports, how, .. } = &*self.0;
        TemplateOwner(Arc::new(Template {
            blueprint: blueprint.clone(),
            imports: imports.clone(),
            how: *how,
            closed: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            hot: Mutex::new(vec![Vec::new(); warm.memories.len()]),
            warm: Some(warm),
        }))
    }

    /// The template.
    #[inline]
    pub(crate) fn template(&self) -> &Arc<Template> {
        &self.0
    }
}

impl Drop for TemplateOwner {
    fn drop(&mut self) {
        self.0.close();
        self.0.blueprint.shared().pool().forget(&self.0);
    }
}

impl Template {
    /// The module.
    pub(crate) fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// The functions to import, in the module's order.
    pub(crate) fn imports(&self) -> &[Arc<HostFunc>] {
        &self.imports
    }

    /// The state that instances start from, if it is not what the module says. Their start
    /// function has run then.
    #[inline]
    pub(crate) fn warm(&self) -> Option<&Warm> {
        self.warm.as_ref()
    }

    /// Size in pages and contents of a memory.
    pub(crate) fn memory(&self, memory: MemoryIdx) -> (u64, Option<&MemoryImage>) {
        match &self.warm {
            Some(warm) => {
                let (pages, image) = &warm.memories[memory.index()];
                (*pages, image.as_ref())
            }
            None => {
                let ty = &self.blueprint.module().memories()[memory.index()];
                (ty.min, self.blueprint.images().of(memory))
            }
        }
    }

    /// How writes to memories are learned of.
    pub(crate) fn how(&self) -> MemoryTracking {
        self.how
    }

    /// Whether parts of its instances are still worth keeping.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }

    /// Parts of its instances are not worth keeping any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Notes that the system did not give the memory for the parts of an instance.
    #[cold]
    pub(crate) fn note_failure(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) == MAX_FAILURES {
            self.close();
        }
    }

    /// The pages of a memory that instances have written so far.
    pub(crate) fn hot(&self, memory: usize) -> Vec<u32> {
        self.hot.lock().unwrap_or_else(PoisonError::into_inner)[memory].clone()
    }

    /// Notes the pages of a memory that an instance has written.
    #[cold]
    pub(crate) fn note_hot(&self, memory: usize, pages: impl Iterator<Item = u32>) {
        let mut hot = self.hot.lock().unwrap_or_else(PoisonError::into_inner);
        let hot = &mut hot[memory];
        for page in pages {
            if hot.len() < MAX_HOT && !hot.contains(&page) {
                hot.push(page);
            }
        }
    }
}
