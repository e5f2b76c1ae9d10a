//! Runs all that a module exports, and tells what can be seen of it.

use crate::portrait::{of_error, of_value};
use dayfly::{
    AnyRef, Config, Engine, ExportType, Extern, ExternType, Func, I31, Instance, Module, Result, Store,
    StoreLimits, StoreLimitsBuilder, Val, ValType,
};

/// References that are kept as arguments for functions.
const KEPT: usize = 24;

/// Fuel for everything that a module does: more than it takes.
const FUEL: u64 = 1 << 60;

/// An engine that runs one module after the other.
pub struct World {
    /// Collections up to now.
    pub collections: u64,
    engine: Engine,
}

impl World {
    /// A world with these settings.
    pub fn new(config: &mut Config) -> Result<World> {
        Ok(World { engine: Engine::new(config)?, collections: 0 })
    }

    /// A line for everything that can be seen of a module: what its functions return,
    /// called twice each, and what globals, tables and memories hold after that.
    pub fn observe(&mut self, wasm: &[u8]) -> Vec<String> {
        let module = Module::new(&self.engine, wasm).unwrap();
        if may_wait(&module, wasm) {
            return vec![];
        }
        let limits = StoreLimitsBuilder::new().memory_size(4 << 20).table_elements(2_000).build();
        let mut store = Store::new(&self.engine, limits);
        // Where it is counted, it is a part of what is seen.
        let _ = store.set_fuel(FUEL);
        store.limiter(|limits: &mut StoreLimits| limits);
        let seen = match Instance::new(&mut store, &module, &[]) {
            Ok(instance) => Visit::of(&mut store, instance),
            Err(error) => vec![of_error(&mut store, &error)],
        };
        self.collections += store.gc_stats().collections;
        seen
    }
}

/// A look at an instance.
struct Visit<'a> {
    store: &'a mut Store<StoreLimits>,
    kept: Vec<Val>,
    seen: Vec<String>,
}

impl Visit<'_> {
    fn of(store: &mut Store<StoreLimits>, instance: Instance) -> Vec<String> {
        let exports: Vec<(String, Extern)> = instance
            .exports(&mut *store)
            .map(|export| (export.name().to_owned(), export.into_extern()))
            .collect();
        let mut visit = Visit { store, kept: Vec::new(), seen: Vec::new() };
        for (name, export) in exports.iter().chain(&exports) {
            if let Extern::Func(func) = export {
                let outcome = visit.call(*func);
                visit.seen.push(format!("{name}: {outcome}"));
                if let Ok(left) = visit.store.get_fuel() {
                    visit.seen.push(format!("{name} burns {}", FUEL - left));
                }
            }
        }
        for (name, export) in &exports {
            visit.look_at(name, export);
        }
        visit.seen
    }

    /// Calls a function, with references that others have returned where it wants some.
    fn call(&mut self, func: Func) -> String {
        let ty = func.ty(&*self.store);
        let args: Option<Vec<Val>> = ty.params.iter().map(|ty| self.argument(*ty)).collect();
        let Some(args) = args else { return "there are no arguments".to_owned() };
        let mut results = vec![Val::I32(0); ty.results.len()];
        if let Err(error) = func.call(&mut *self.store, &args, &mut results) {
            return of_error(self.store, &error);
        }
        let mut outcome = String::new();
        for value in results {
            outcome += &of_value(self.store, value);
            outcome.push(' ');
            if value.ref_().is_some_and(|reference| !reference.is_null()) && self.kept.len() < KEPT {
                self.kept.push(value);
            }
        }
        outcome
    }

    fn argument(&mut self, ty: ValType) -> Option<Val> {
        if !matches!(ty, ValType::Ref(_)) {
            return Val::default_for_ty(ty);
        }
        let i31 = AnyRef::from_i31(&mut *self.store, I31::wrapping_u32(42));
        let nulls = [Val::AnyRef(None), Val::FuncRef(None), Val::ExternRef(None), Val::ExnRef(None)];
        let mut choice = self.kept.iter().rev().copied().chain([Val::AnyRef(Some(i31))]).chain(nulls);
        choice.find(|value| value.matches_ty(&*self.store, &ty).unwrap())
    }

    fn look_at(&mut self, name: &str, export: &Extern) {
        match export {
            Extern::Global(global) => {
                let value = global.get(&mut *self.store);
                let line = format!("{name}: {}", of_value(self.store, value));
                self.seen.push(line);
            }
            Extern::Table(table) => {
                for index in 0..table.size(&*self.store) {
                    let element = table.get(&mut *self.store, index).unwrap();
                    let line = format!("{name} {index}: {}", of_value(self.store, element.into()));
                    self.seen.push(line);
                }
            }
            Extern::Memory(memory) => {
                let line = of_bytes(name, memory.data(&*self.store));
                self.seen.push(line);
            }
            Extern::SharedMemory(memory) => {
                let bytes = memory.grow(0).unwrap() * memory.page_size();
                let mut contents = vec![0; bytes as usize];
                memory.read(0, &mut contents).unwrap();
                self.seen.push(of_bytes(name, &contents));
            }
            _ => {}
        }
    }
}

/// Whether there may be a `memory.atomic.wait32` or `wait64` of a shared memory, which
/// nobody would end. All memories are exported.
fn may_wait(module: &Module, wasm: &[u8]) -> bool {
    let shared = |export: ExportType| matches!(export.ty(), ExternType::Memory(ty) if ty.shared);
    module.exports().any(shared) && wasm.windows(2).any(|code| code == [0xfe, 0x01] || code == [0xfe, 0x02])
}

/// What a memory holds, as a sum.
fn of_bytes(name: &str, bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(0u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(*b)));
    format!("{name}: {} bytes, {sum:x}", bytes.len())
}
