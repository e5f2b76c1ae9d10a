//! What all stores and modules of one engine have in common.

use super::pool::Pool;
use super::watch::Watches;
use crate::config::RuntimeConfig;
use crate::types::TypeRegistry;
use core::any::Any;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// The part of an engine that stores share.
#[derive(Debug)]
pub struct Shared {
    types: Arc<TypeRegistry>,
    config: Arc<RuntimeConfig>,
    epoch: AtomicU64,
    watches: Watches,
    pool: Pool,
    rest: Box<dyn Any + Send + Sync>,
}

impl Shared {
    /// A new engine's part: no types yet, epoch zero.
    pub fn new(config: RuntimeConfig) -> Arc<Shared> {
        Shared::with_rest(config, Box::new(()))
    }

    /// As `new`, with what else makes up the engine and is no matter of the runtime.
    pub fn with_rest(config: RuntimeConfig, rest: Box<dyn Any + Send + Sync>) -> Arc<Shared> {
        Arc::new(Shared {
            types: Arc::new(TypeRegistry::with_limit(config.max_types)),
            pool: Pool::new(config.max_idle_memory),
            config: Arc::new(config),
            epoch: AtomicU64::new(0),
            watches: Watches::new(),
            rest,
        })
    }

    /// What stores leave behind to be used again.
    #[inline]
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Frees the memory of stores and instances that wait to be used again, and returns how
    /// many of them there were.
    pub fn release_idle_memory(&self) -> usize {
        self.pool.release()
    }

    /// What `with_rest` was given.
    pub fn rest(&self) -> &(dyn Any + Send + Sync) {
        &*self.rest
    }

    /// The canonical types.
    pub fn types(&self) -> &Arc<TypeRegistry> {
        &self.types
    }

    /// The settings.
    pub fn config(&self) -> &Arc<RuntimeConfig> {
        &self.config
    }

    /// The epoch, which deadlines are measured in.
    pub fn epoch(&self) -> &AtomicU64 {
        &self.epoch
    }

    /// Moves the epoch on by one. May be called from a signal handler.
    pub fn increment_epoch(&self) {
        let before = self.epoch.fetch_add(1, Ordering::SeqCst);
        self.watches.tell(before.wrapping_add(1));
    }

    /// Who is told of it.
    pub(super) fn watches(&self) -> &Watches {
        &self.watches
    }
}
