//! The engine: what modules and stores have in common.

use crate::tier::Tiers;
use crate::{AsContext, Config, Result};
use dayfly_jit::artifact::Target;
use dayfly_runtime::store::{PoolOwner, Shared};
use std::sync::Arc;

/// Settings, types and the makers of code. Modules and stores belong to an engine and
/// work only with those of the same.
///
/// An engine is cheap to clone and may be shared by threads; a program usually has one.
///
/// ```
/// use dayfly::{Engine, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f")))"#)?;
/// assert!(Engine::same(module.engine(), &engine));
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    /// While there is one, stores are used again.
    _pool: Arc<PoolOwner>,
}

/// What makes up an engine besides what the runtime knows.
struct Parts {
    config: Config,
    tiers: Tiers,
}

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    /// When settings cannot stand together, such as a proposal without one that it needs.
    pub fn new(config: &Config) -> Result<Engine> {
        config.check()?;
        Engine::with_config(config)
    }

    /// The settings that the engine was made with.
    pub fn config(&self) -> &Config {
        &self.parts().config
    }

    /// Moves the epoch on by one tick; guests whose deadline it reaches are interrupted.
    /// May be called from any thread, and from a signal handler.
    pub fn increment_epoch(&self) {
        self.shared.increment_epoch();
    }

    /// Frees the memory of stores and instances that wait to be used again, which they do so
    /// that making the next ones is fast. Returns how many there were. What is in use stays as it is.
    pub fn release_idle_memory(&self) -> usize {
        self.shared.release_idle_memory()
    }

    /// Whether both are the same engine.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.shared, &b.shared)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn tiers(&self) -> &Tiers {
        &self.parts().tiers
    }

    /// What machine code depends on, if the engine makes any.
    pub(crate) fn target(&self) -> Option<&Target> {
        self.parts().tiers.target()
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Engine {
        let pool = PoolOwner::of(&shared);
        Engine { shared, _pool: pool }
    }

    fn with_config(config: &Config) -> Result<Engine> {
        let mut config = config.clone();
        let tiers = Tiers::new(&mut config)?;
        let runtime = config.runtime.clone();
        // Whoever makes an engine most likely calls guests, too.
        dayfly_runtime::stack::prepare_thread();
        let parts = Parts { config, tiers };
        Ok(Engine::from_shared(Shared::with_rest(runtime, Box::new(parts))))
    }

    /// Bytes that the types of all modules take that the engine was ever given, about. See
    /// [`Config::max_types_size`].
    pub fn types_size(&self) -> u64 {
        self.shared.types().size()
    }

    fn parts(&self) -> &Parts {
        self.shared.rest().downcast_ref().expect("stores are made with an `Engine`")
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::with_config(&Config::default()).expect("some maker of code runs everywhere")
    }
}

impl AsRef<Arc<Shared>> for Engine {
    fn as_ref(&self) -> &Arc<Shared> {
        &self.shared
    }
}

/// Gives the engine of a [`Store`](crate::Store), a [`Caller`](crate::Caller) or a context.
///
/// ```
/// use dayfly::{Engine, EngineOf, Store};
///
/// let engine = Engine::default();
/// let store = Store::new(&engine, ());
/// assert!(Engine::same(&store.engine(), &engine));
/// ```
pub trait EngineOf: AsContext {
    /// The engine.
    fn engine(&self) -> Engine {
        Engine::from_shared(self.as_context().shared().clone())
    }
}

impl<C: AsContext> EngineOf for C {}
