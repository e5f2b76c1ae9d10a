//! The interpreter on the runtime alone: small modules whose results are stated
//! here, chosen for what lowering could get wrong.

// Of machine code and the native stack, of which Miri has neither.
#[cfg(not(miri))]
mod audit;
mod calls;
mod folding;
mod random;
#[cfg(not(miri))]
mod stack;

use dayfly_interp::Interp;
use dayfly_parser::{Config, Module};
use dayfly_runtime::backend::Backend;
use dayfly_runtime::config::RuntimeConfig;
use dayfly_runtime::host::Store;
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use dayfly_runtime::store::{Instance, Shared};
use dayfly_runtime::trap::Trap;
use std::sync::Arc;

/// An engine as far as the runtime needs one.
struct Engine(Arc<Shared>);

impl AsRef<Arc<Shared>> for Engine {
    fn as_ref(&self) -> &Arc<Shared> {
        &self.0
    }
}

fn engine() -> Engine {
    Engine(Shared::new(RuntimeConfig::default()))
}

/// A module as the runtime takes it.
struct Compiled(Arc<Blueprint>);

impl AsRef<Arc<Blueprint>> for Compiled {
    fn as_ref(&self) -> &Arc<Blueprint> {
        &self.0
    }
}

fn blueprint(engine: &Engine, wat: &str) -> Compiled {
    let module = Module::new(wat::parse_str(wat).expect("text"), &Config::default()).expect("valid");
    let shape = Shape::new(module, engine.0.types().clone(), engine.0.config().clone()).unwrap();
    let code = Interp::new().compile(&shape).expect("bytecode");
    Compiled(Blueprint::new(shape, code, &engine.0).expect("blueprint"))
}

/// A store with an instance of a module without imports.
fn instance(wat: &str) -> (Store<()>, Instance) {
    let engine = engine();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &blueprint(&engine, wat), &[]).expect("instance");
    (store, instance)
}

/// Calls the export `f` of a module without imports.
fn call<P, R>(wat: &str, params: P) -> Result<R, Trap>
where
    P: dayfly_runtime::host::WasmParams,
    R: dayfly_runtime::host::WasmResults,
{
    let (mut store, instance) = instance(wat);
    let f = instance.get_typed_func::<P, R>(&mut store, "f").expect("an export f of that type");
    f.call(&mut store, params).map_err(|e| *e.downcast_ref::<Trap>().expect("a trap"))
}
