//! Modules with their machine code as bytes, and back.

use crate::cache::Cache;
use crate::{Context, Engine, Module, Result, error, tier};
use dayfly_jit::LazyCode;
use dayfly_jit::artifact::{self, Artifact};
use dayfly_jit::code::MachineCode;
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::shape::Shape;
use std::path::Path;

impl Module {
    /// The module with the machine code that was made for it, to be kept in a file that
    /// [`Module::deserialize_file`] loads without compiling.
    ///
    /// The bytes are for the same version of the engine, the same settings and the same kind of
    /// processor; they say so, and are refused elsewhere.
    ///
    /// # Errors
    /// When the module has no machine code: the engine interprets it.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let target = self.engine().target().ok_or_else(error::not_compiled)?;
        let mut code = self.blueprint().code().clone();
        if code.downcast_ref::<LazyCode>().is_some() {
            let (engine, parsed) = (self.engine(), self.blueprint().module().clone());
            code = engine.tiers().make_whole(parsed, engine.shared()).ok_or_else(error::not_compiled)??;
        }
        match code.downcast_ref::<MachineCode>() {
            Some(code) => Ok(artifact::write(code, target)),
            None => Err(error::not_compiled()),
        }
    }

    /// A module from a file that holds what [`Module::serialize`] gave. The file is mapped: its code is
    /// read from the disk when it first runs, and shared with other processes.
    ///
    /// **The file is native code, and loading it is running a program**: nothing can check that it stays
    /// inside of its memories. Load only what you, or a program that you trust, have written. What can
    /// be checked is: the file must belong to the user of the process or the administrator, nobody else
    /// may be able to write it, and it must be whole and made for this engine. While it is in use the
    /// file must not be changed in place; to replace it, write another one and rename that.
    ///
    /// # Errors
    /// [`ArtifactError`](crate::ArtifactError) if the file is not such a file, was damaged, could have been written by
    /// others, or was made for another engine, other settings or another processor.
    pub fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Module> {
        let path = path.as_ref();
        let load = || {
            let target = engine.target().ok_or_else(error::no_compiler)?;
            from_artifact(engine, &Artifact::open(path, target)?)
        };
        load().with_context(|| format!("cannot load `{}`", path.display()))
    }

    /// Whether bytes begin as those of [`Module::serialize`] do.
    pub fn is_serialized(bytes: &[u8]) -> bool {
        Artifact::is_one(bytes)
    }

    /// The module from the engine's cache.
    pub(crate) fn cached(engine: &Engine, bytes: &[u8]) -> Option<Module> {
        let (cache, target) = cache(engine, bytes)?;
        let artifact = cache.find(target, engine.config(), bytes)?;
        from_artifact(engine, &artifact).ok()
    }

    /// Keeps the module in the engine's cache.
    pub(crate) fn cache(&self) {
        let bytes = self.parsed().bytes();
        let Some((cache, target)) = cache(self.engine(), bytes) else { return };
        if self.blueprint().code().downcast_ref::<LazyCode>().is_some() {
            return;
        }
        if let Ok(artifact) = self.serialize() {
            cache.keep(target, self.engine().config(), bytes, &artifact);
        }
    }
}

/// The cache to use for a module of these bytes, if there is one.
fn cache<'a>(engine: &'a Engine, bytes: &[u8]) -> Option<(&'a Cache, &'a artifact::Target)> {
    let cache = engine.config().cache.as_ref().filter(|cache| cache.is_for(bytes))?;
    Some((cache, engine.target()?))
}

fn from_artifact(engine: &Engine, artifact: &Artifact) -> Result<Module> {
    // The module was valid when it was compiled, and its bytes are still the same.
    let parsed = dayfly_parser::Module::known(artifact.module(), &engine.config().parser)?;
    let shared = engine.shared();
    let (types, settings) = (shared.types().clone(), shared.config().clone());
    let shape = Shape::for_makers(parsed, types, settings, artifact.is_partial()?)?;
    let machine = artifact.code(&shape)?;
    engine.tiers().tell_of(&machine);
    let code = tier::with_machine_code(&shape, machine)?;
    let blueprint = Blueprint::new(shape, code, shared)?;
    blueprint.adopt_images(artifact.images()?);
    Ok(Module::from_blueprint(engine, blueprint))
}
