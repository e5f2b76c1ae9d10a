//! The state of a running script, and what each directive does to it.
//! Spec: the reference interpreter's README, "Scripts".

use crate::host;
use crate::report::Verdict;
use crate::source::{self, Refusal};
use crate::value;
use dayfly::{
    Engine, ErrorKind, Export, Extern, Instance, LinkError, Linker, Module, Result, SharedMemory, Store,
    ThrownException, Trap, Val,
};
use std::collections::HashMap;
use wast::core::WastRetCore;
use wast::token::Id;
use wast::{QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// A store, what is registered in it, and what has a name in the script.
pub(crate) struct Session {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    /// Module definitions by name, and the last one.
    modules: HashMap<String, Module>,
    last_module: Option<Module>,
    /// Instances by name, and the last one.
    instances: HashMap<String, Instance>,
    last_instance: Option<Instance>,
    /// What other threads share, by the name of its module.
    shared: HashMap<String, Vec<(String, SharedMemory)>>,
}

/// What threads can have in common of an instance: its shared memories.
pub(crate) struct SharedModule {
    name: String,
    memories: Vec<(String, SharedMemory)>,
}

/// What a call, a read or an instantiation gave.
enum Effect {
    Values(Vec<Val>),
    Error(dayfly::Error),
    /// It could not be attempted.
    Unable(String),
}

impl Session {
    /// A session with nothing but the module `spectest`.
    pub(crate) fn new(engine: &Engine) -> Result<Session> {
        let mut store = Store::new(engine, ());
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        host::define_spectest(&mut linker, &mut store)?;
        Ok(Session {
            engine: engine.clone(),
            store,
            linker,
            modules: HashMap::new(),
            last_module: None,
            instances: HashMap::new(),
            last_instance: None,
            shared: HashMap::new(),
        })
    }

    /// What another thread can have of an instance.
    pub(crate) fn share(&mut self, name: Id<'_>) -> Result<SharedModule, String> {
        let memories = match self.instances.get(name.name()) {
            Some(instance) => {
                let memory = |export: Export<'_>| {
                    let name = export.name().to_owned();
                    match export.into_extern() {
                        Extern::SharedMemory(memory) => Some((name, memory)),
                        _ => None,
                    }
                };
                instance.exports(&self.store).filter_map(memory).collect()
            }
            None => {
                let shared = self.shared.get(name.name());
                shared.ok_or_else(|| format!("there is no instance ${}", name.name()))?.clone()
            }
        };
        Ok(SharedModule { name: name.name().to_owned(), memories })
    }

    /// Takes what another thread shares.
    pub(crate) fn receive(&mut self, module: SharedModule) {
        self.shared.insert(module.name, module.memories);
    }

    /// Carries out a directive.
    pub(crate) fn run(&mut self, directive: WastDirective<'_>) -> Verdict {
        match directive {
            WastDirective::Module(mut module) => self.module(&mut module),
            WastDirective::ModuleDefinition(mut module) => self.define(&mut module),
            WastDirective::ModuleInstance { instance, module, .. } => self.instance(instance, module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(invoke) => match self.invoke(&invoke) {
                Effect::Values(_) => Verdict::Passed,
                other => other.unexpected("a return"),
            },
            WastDirective::AssertReturn { exec, results, .. } => {
                let effect = self.execute(exec);
                self.check_return(effect, &results)
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                let effect = self.execute(exec);
                check_trap(effect, message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => check_trap(self.invoke(&call), message),
            WastDirective::AssertException { exec, .. } => check_exception(self.execute(exec)),
            WastDirective::AssertUnlinkable { module, message, .. } => {
                let effect = self.instantiate_only(module);
                check_unlinkable(effect, message)
            }
            WastDirective::AssertMalformed { mut module, message, .. } => {
                source::malformed(&self.engine, &mut module, message)
            }
            WastDirective::AssertInvalid { mut module, message, .. } => {
                source::invalid(&self.engine, &mut module, message)
            }
            WastDirective::AssertMalformedCustom { mut module, message, .. } => {
                source::wrong_customs(&self.engine, &mut module, ErrorKind::Malformed, message)
            }
            WastDirective::AssertInvalidCustom { mut module, message, .. } => {
                source::wrong_customs(&self.engine, &mut module, ErrorKind::Invalid, message)
            }
            WastDirective::AssertSuspension { .. } => skipped("stack switching is not supported"),
            WastDirective::Thread(_) | WastDirective::Wait { .. } => {
                Verdict::Failed("a thread within something else".to_owned())
            }
        }
    }

    fn module(&mut self, module: &mut QuoteWat<'_>) -> Verdict {
        let name = module.name();
        // A directive that refers to the current instance must not meet an older one.
        self.last_instance = None;
        if let Some(name) = name {
            self.instances.remove(name.name());
        }
        match self.define(module) {
            Verdict::Passed => self.instance(name, name),
            failed => failed,
        }
    }

    fn define(&mut self, module: &mut QuoteWat<'_>) -> Verdict {
        self.last_module = None;
        match source::compile(&self.engine, module) {
            Ok(compiled) => {
                if let Some(name) = module.name() {
                    self.modules.insert(name.name().to_owned(), compiled.clone());
                }
                self.last_module = Some(compiled);
                Verdict::Passed
            }
            Err(refusal) => Verdict::Failed(format!("module refused: {refusal}")),
        }
    }

    fn instance(&mut self, instance: Option<Id<'_>>, module: Option<Id<'_>>) -> Verdict {
        let module = match module {
            Some(name) => self.modules.get(name.name()),
            None => self.last_module.as_ref(),
        };
        let Some(module) = module else {
            return Verdict::Failed("no such module".to_owned());
        };
        match self.linker.instantiate(&mut self.store, module) {
            Ok(made) => {
                if let Some(name) = instance {
                    self.instances.insert(name.name().to_owned(), made);
                }
                self.last_instance = Some(made);
                Verdict::Passed
            }
            Err(error) => Verdict::Failed(format!("instantiation failed: {error:#}")),
        }
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Verdict {
        if let Some(memories) = module.and_then(|module| self.shared.get(module.name())) {
            for (field, memory) in memories {
                if let Err(error) = self.linker.define(&self.store, name, field, memory.clone()) {
                    return Verdict::Failed(format!("registration failed: {error:#}"));
                }
            }
            return Verdict::Passed;
        }
        let instance = match self.find(module) {
            Ok(instance) => instance,
            Err(reason) => return Verdict::Failed(reason),
        };
        match self.linker.instance(&mut self.store, name, instance) {
            Ok(_) => Verdict::Passed,
            Err(error) => Verdict::Failed(format!("registration failed: {error:#}")),
        }
    }

    fn find(&self, name: Option<Id<'_>>) -> Result<Instance, String> {
        match name {
            Some(name) => self
                .instances
                .get(name.name())
                .copied()
                .ok_or_else(|| format!("there is no instance ${}", name.name())),
            None => self.last_instance.ok_or_else(|| "there is no instance".to_owned()),
        }
    }

    fn execute(&mut self, what: WastExecute<'_>) -> Effect {
        match what {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { module, global, .. } => self.get(module, global),
            WastExecute::Wat(module) => self.instantiate_only(module),
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Effect {
        let instance = match self.find(invoke.module) {
            Ok(instance) => instance,
            Err(reason) => return Effect::Unable(reason),
        };
        let Some(func) = instance.get_func(&mut self.store, invoke.name) else {
            return Effect::Unable(format!("there is no exported function {:?}", invoke.name));
        };
        let mut args = Vec::with_capacity(invoke.args.len());
        for arg in &invoke.args {
            let arg = match arg {
                WastArg::Core(arg) => value::argument(&mut self.store, arg),
                _ => Err("arguments of components are not supported".to_owned()),
            };
            match arg {
                Ok(arg) => args.push(arg),
                Err(reason) => return Effect::Unable(reason),
            }
        }
        let mut results = vec![Val::I32(0); func.ty(&self.store).results.len()];
        match func.call(&mut self.store, &args, &mut results) {
            Ok(()) => Effect::Values(results),
            Err(error) => Effect::Error(error),
        }
    }

    fn get(&mut self, module: Option<Id<'_>>, name: &str) -> Effect {
        let instance = match self.find(module) {
            Ok(instance) => instance,
            Err(reason) => return Effect::Unable(reason),
        };
        match instance.get_export(&mut self.store, name) {
            Some(Extern::Global(global)) => Effect::Values(vec![global.get(&mut self.store)]),
            _ => Effect::Unable(format!("there is no exported global {name:?}")),
        }
    }

    /// Instantiates a module that the script does not refer to again.
    fn instantiate_only(&mut self, module: Wat<'_>) -> Effect {
        let module = match source::compile(&self.engine, &mut QuoteWat::Wat(module)) {
            Ok(module) => module,
            Err(Refusal::Module(error)) => return Effect::Error(error),
            Err(Refusal::Text(reason)) => return Effect::Unable(reason),
        };
        match self.linker.instantiate(&mut self.store, &module) {
            Ok(_) => Effect::Values(Vec::new()),
            Err(error) => Effect::Error(error),
        }
    }

    fn check_return(&mut self, effect: Effect, expected: &[WastRet<'_>]) -> Verdict {
        let values = match effect {
            Effect::Values(values) => values,
            other => return other.unexpected("a return"),
        };
        if values.len() != expected.len() {
            let reason = format!("expected {} results, got {}", expected.len(), values.len());
            return Verdict::Failed(reason);
        }
        for (i, (value, expected)) in values.iter().zip(expected).enumerate() {
            let WastRet::Core(pattern) = expected else {
                return skipped("results of components are not supported");
            };
            if !value::matches(&mut self.store, value, pattern) {
                return Verdict::Failed(mismatch(i, value, pattern));
            }
        }
        Verdict::Passed
    }
}

impl Effect {
    fn unexpected(&self, expected: &str) -> Verdict {
        Verdict::Failed(match self {
            Effect::Values(values) => {
                let values: Vec<_> = values.iter().map(value::display).collect();
                format!("expected {expected}, got values: [{}]", values.join(", "))
            }
            Effect::Error(error) => format!("expected {expected}, got: {error:#}"),
            Effect::Unable(reason) => reason.clone(),
        })
    }
}

fn skipped(reason: &str) -> Verdict {
    Verdict::Skipped(reason.to_owned())
}

fn mismatch(index: usize, value: &Val, pattern: &WastRetCore<'_>) -> String {
    let (expected, got) = (value::display_pattern(pattern), value::display(value));
    format!("result {index}: expected {expected}, got {got}")
}

/// Whether a trap is the expected one. The scripts give a prefix of the reference
/// interpreter's text, which sometimes ends with an index that ours leaves out.
fn check_trap(effect: Effect, expected: &str) -> Verdict {
    if let Effect::Error(error) = &effect
        && let Some(trap) = error.downcast_ref::<Trap>()
    {
        let text = trap.to_string();
        if text.starts_with(expected) || expected.starts_with(&text) {
            return Verdict::Passed;
        }
    }
    effect.unexpected(&format!("the trap {expected:?}"))
}

fn check_unlinkable(effect: Effect, expected: &str) -> Verdict {
    match &effect {
        Effect::Error(error) if error.is::<LinkError>() => Verdict::Passed,
        _ => effect.unexpected(&format!("a link error ({expected})")),
    }
}

fn check_exception(effect: Effect) -> Verdict {
    match &effect {
        Effect::Error(error) if error.is::<ThrownException>() => Verdict::Passed,
        _ => effect.unexpected("an exception"),
    }
}
