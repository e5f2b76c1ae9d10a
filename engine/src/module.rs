//! Modules: decoded, validated and ready to be instantiated.

use crate::listing::{Listings, Show, Stage};
use crate::{AsContext, Context, Engine, ExternType, Instance, Result, error, text, tier};
use core::fmt;
use dayfly_interp::FuncCounts;
use dayfly_parser::{ExportItem, FuncIdx};
use dayfly_runtime::instance::Blueprint;
use dayfly_runtime::link;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// A WebAssembly module that an engine has accepted and prepared.
///
/// Modules never change, are cheap to clone and may be shared by threads.
///
/// ```
/// use dayfly::{Engine, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module $clock
///         (import "env" "now" (func (result i64)))
///         (memory (export "memory") 1))
/// "#)?;
/// assert_eq!(module.name(), Some("clock"));
/// for import in module.imports() {
///     println!("needs {}::{}: {:?}", import.module(), import.name(), import.ty());
/// }
/// for export in module.exports() {
///     println!("offers {}: {:?}", export.name(), export.ty());
/// }
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    blueprint: Arc<Blueprint>,
}

impl Module {
    /// A module from its binary form or, with the feature `wat`, its text form.
    ///
    /// # Errors
    /// [`ParseError`](crate::ParseError), with the offset of the byte, for bytes that
    /// are no valid module or go beyond the limits of the configuration; for text
    /// that is not well-formed, a description with line and column.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        Module::made(engine, text::to_binary(bytes.as_ref())?)
    }

    /// A module from its binary form.
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn from_binary(engine: &Engine, bytes: &[u8]) -> Result<Module> {
        Module::made(engine, bytes)
    }

    /// A module from a file, in either form.
    ///
    /// # Errors
    /// As [`Module::new`], and when the file cannot be read.
    pub fn from_file(engine: &Engine, path: impl AsRef<Path>) -> Result<Module> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Module::from_vec(engine, bytes).with_context(|| format!("cannot load `{}`", path.display()))
    }

    /// As [`Module::new`], without copying bytes in binary form: a module keeps them.
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn from_vec(engine: &Engine, bytes: Vec<u8>) -> Result<Module> {
        let text = match text::to_binary(&bytes)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(binary) => Some(binary),
        };
        Module::made(engine, text.unwrap_or(bytes))
    }

    /// Checks that bytes in either form are a valid module, and makes nothing of them.
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<()> {
        Ok(dayfly_parser::Module::validate(&text::to_binary(bytes)?, &engine.config().parser)?)
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The name that the module gives itself in its `name` section.
    pub fn name(&self) -> Option<&str> {
        self.parsed().names().module()
    }

    /// What the module imports, in its order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let types = self.blueprint.shared().types();
        self.parsed().imports().iter().zip(self.blueprint.imports()).map(|(import, ty)| ImportType {
            module: &import.module,
            name: &import.name,
            ty: ExternType::from_link(ty, types),
        })
    }

    /// What instances of the module export, in its order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let exports = self.parsed().exports().iter();
        exports.map(|export| ExportType { name: &export.name, ty: self.item_type(export.item) })
    }

    /// The type of an export, if there is one of that name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let position = self.blueprint.export_position(name)?;
        Some(self.item_type(self.parsed().exports()[position].item))
    }

    /// The contents of the custom sections with a name.
    pub fn custom_sections<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let sections = self.parsed().customs().iter().filter(move |section| &*section.name == name);
        sections.map(|section| &self.parsed().bytes()[section.bytes.clone()])
    }

    /// The decoded module, for tools that inspect it.
    pub fn parsed(&self) -> &dayfly_parser::Module {
        self.blueprint.module()
    }

    /// The code that the engine runs for a function, as text beside the operators
    /// that it comes from.
    ///
    /// # Errors
    /// When the module does not define the function, or it is not valid.
    pub fn disassemble(&self, func: FuncIdx) -> Result<String> {
        let parsed = self.parsed();
        let Some(defined) = parsed.defined(func).filter(|_| func.index() < parsed.funcs().len()) else {
            return Err(error::not_defined_in_module(func.0));
        };
        match self.listings().get(func, Stage::Optimized)? {
            Some(listing) => Ok(listing.table(Show::default())),
            None => tier::disassemble(self.blueprint.shape(), defined),
        }
    }

    /// How often functions were called and their loops went round, in all instances of the module: of
    /// those functions that the interpreter has called, in the module's order. What several
    /// threads run at once may be counted short. Empty unless
    /// [`Config::count_executions`](crate::Config::count_executions) is on.
    ///
    /// ```
    /// use dayfly::{Config, Engine, Instance, Module, Store, Strategy};
    ///
    /// let engine = Engine::new(Config::new().strategy(Strategy::Interpreter).count_executions(true))?;
    /// let module = Module::new(&engine, r#"
    ///     (module (func (export "spin") (param i32)
    ///         (loop $again
    ///             (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// instance.get_typed_func::<i32, ()>(&mut store, "spin")?.call(&mut store, 10)?;
    /// let counts = module.execution_counts()?;
    /// assert_eq!((counts[0].calls, counts[0].loops[0].rounds), (1, 10));
    /// # Ok::<(), dayfly::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Module::disassemble`], which does not happen for functions that were called: their bodies are valid.
    pub fn execution_counts(&self) -> Result<Vec<FuncCounts>> {
        tier::execution_counts(&**self.blueprint.code())
    }

    /// What became of the module's functions on the way to machine code.
    pub fn listings(&self) -> Listings<'_> {
        Listings::new(self.engine.tiers().lister(&**self.blueprint.code()))
    }

    /// The type of an export as the runtime links it.
    pub(crate) fn link_type(&self, item: ExportItem) -> link::ExternType {
        let (shape, parsed) = (self.blueprint.shape(), self.parsed());
        match item {
            ExportItem::Func(f) => link::ExternType::Func(shape.type_id(parsed.funcs()[f.index()])),
            ExportItem::Table(t) => link::ExternType::Table(self.blueprint.table_type(t)),
            ExportItem::Memory(m) => link::ExternType::Memory(parsed.memories()[m.index()]),
            ExportItem::Global(g) => link::ExternType::Global(self.blueprint.global_type(g)),
            ExportItem::Tag(t) => link::ExternType::Tag(shape.type_id(parsed.tags()[t.index()].func)),
        }
    }

    pub(crate) fn from_blueprint(engine: &Engine, blueprint: Arc<Blueprint>) -> Module {
        Module { engine: engine.clone(), blueprint }
    }

    pub(crate) fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// A module from the cache, or compiled now and left there.
    fn made(engine: &Engine, bytes: impl AsRef<[u8]> + Into<Vec<u8>>) -> Result<Module> {
        if let Some(module) = Module::cached(engine, bytes.as_ref()) {
            return Ok(module);
        }
        let parsed = dayfly_parser::Module::new(bytes, &engine.config().parser)?;
        let shared = engine.shared();
        let (shape, code) = engine.tiers().make(parsed, shared)?;
        let module = Module::from_blueprint(engine, Blueprint::new(shape, code, shared)?);
        module.cache();
        Ok(module)
    }

    fn item_type(&self, item: ExportItem) -> ExternType {
        ExternType::from_link(&self.link_type(item), self.blueprint.shared().types())
    }
}

impl AsRef<Arc<Blueprint>> for Module {
    fn as_ref(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What a module imports: two names and a type.
#[derive(Clone, Debug)]
pub struct ImportType<'a> {
    module: &'a str,
    name: &'a str,
    ty: ExternType,
}

impl<'a> ImportType<'a> {
    /// The first name.
    pub fn module(&self) -> &'a str {
        self.module
    }

    /// The second name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// What instances of a module export: a name and a type.
#[derive(Clone, Debug)]
pub struct ExportType<'a> {
    name: &'a str,
    ty: ExternType,
}

impl<'a> ExportType<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// Gives the module of an [`Instance`].
pub trait ModuleOf {
    /// The module that the instance was made from.
    ///
    /// # Panics
    /// If the instance is of another store.
    fn module(&self, store: impl AsContext) -> Module;
}

impl ModuleOf for Instance {
    fn module(&self, store: impl AsContext) -> Module {
        let blueprint = self.blueprint(store);
        Module { engine: Engine::from_shared(blueprint.shared().clone()), blueprint }
    }
}
