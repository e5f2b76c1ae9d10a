//! A host that changes the state of its guests in every way that the API and the system offer.

use dayfly::{
    AsContextMut, Caller, Error, ExternRef, Func, Global, Instance, Memory, MemoryType, Module, OwnedRooted,
    Ref, Result, Rooted, Table, Val,
};
use std::fs::File;
use std::io::Read;

/// The data of a store.
pub struct World {
    chance: Chance,
    file: Option<File>,
    kept: Vec<OwnedRooted<ExternRef>>,
}

/// With what the host's functions panic.
pub struct Planned;

impl World {
    pub fn new(seed: u64) -> World {
        World { chance: Chance::new(seed), file: None, kept: Vec::new() }
    }
}

/// The host function: does what `kind` says.
pub fn touch(mut caller: Caller<'_, World>, kind: i32, argument: i32) -> Result<()> {
    let memory = caller.get_export("memory").and_then(|export| export.into_memory()).expect("a memory");
    let at = argument as u32 as usize % (memory.data_size(&caller) - 40_000);
    match kind as u32 % 14 {
        0 => memory.write(&mut caller, at, &[0xab; 300])?,
        1 => memory.data_mut(&mut caller)[at..at + 5000].fill(0xcd),
        2 | 3 => read_file(&mut caller, memory, at, kind as u32 % 14 == 2)?,
        4 => drop(memory.grow(&mut caller, 1)),
        5 => change_table(&mut caller, at)?,
        6 => change_globals(&mut caller)?,
        7 => hand_over(&mut caller)?,
        8 => return Err(Error::msg("an error of the host")),
        9 => std::panic::panic_any(Planned),
        10 => add_to_store(&mut caller)?,
        11 => memory.view_mut(&mut caller)[at..at + 70].fill(9),
        12 => caller.as_context_mut().data_mut().kept.clear(),
        _ => return call_back(&mut caller),
    }
    Ok(())
}

/// The system writes to the guest's memory: over pages that were never written.
fn read_file(caller: &mut Caller<'_, World>, memory: Memory, at: usize, by_view: bool) -> Result<()> {
    let mut file = match caller.data_mut().file.take() {
        Some(file) => file,
        None => File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?,
    };
    let len = 1 + at % 30_000;
    let read = if by_view {
        let mut view = memory.view_mut(&mut *caller);
        file.read(view.for_system(at..at + len).expect("the range is in the memory"))?
    } else {
        file.read(&mut memory.data_mut(&mut *caller)[at..at + len])?
    };
    assert!(read > 0, "the file has something to read");
    caller.data_mut().file = Some(file);
    Ok(())
}

fn change_table(caller: &mut Caller<'_, World>, at: usize) -> Result<()> {
    let table = caller.get_export("table").and_then(|export| export.into_table()).expect("a table");
    let func = Func::wrap(&mut *caller, || 33_i32);
    table.set(&mut *caller, at as u64 % 1000, Ref::Func(Some(func)))?;
    if at.is_multiple_of(3) {
        let _ = table.grow(&mut *caller, 5, Ref::Func(Some(func)));
    }
    Ok(())
}

fn change_globals(caller: &mut Caller<'_, World>) -> Result<()> {
    let global = |caller: &mut Caller<'_, World>, name| {
        caller.get_export(name).and_then(|export| export.into_global()).expect("a global")
    };
    let (number, func) = (global(caller, "i"), global(caller, "r"));
    number.set(&mut *caller, Val::I32(-5))?;
    let other = Func::wrap(&mut *caller, || 44_i32);
    func.set(&mut *caller, Val::FuncRef(Some(other)))
}

/// Values of the host in the guest's table and global, one of which outlives the store.
fn hand_over(caller: &mut Caller<'_, World>) -> Result<()> {
    let value: Rooted<ExternRef> = ExternRef::new(&mut *caller, String::from("the host's"))?;
    let externs = caller.get_export("externs").and_then(|export| export.into_table()).expect("a table");
    externs.set(&mut *caller, 4, Ref::Extern(Some(value)))?;
    let global = caller.get_export("e").and_then(|export| export.into_global()).expect("a global");
    global.set(&mut *caller, Val::ExternRef(Some(value)))?;
    let kept = value.to_owned_rooted(&mut *caller)?;
    caller.data_mut().kept.push(kept);
    Ok(())
}

/// More in the store: a memory, a table, a global and an instance that uses the guest's memory.
fn add_to_store(caller: &mut Caller<'_, World>) -> Result<()> {
    let _ = Memory::new(&mut *caller, MemoryType::new(1, None))?;
    let memory = caller.get_export("memory").expect("a memory");
    let table = caller.get_export("table").expect("a table");
    let engine = dayfly::EngineOf::engine(&*caller);
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "" (memory 1)) (import "" "" (table 1 funcref))
            (memory 1) (global (mut i32) (i32.const 1)) (table 3 funcref)
            (func $mine (result i32) (i32.const 66))
            (elem declare func $mine)
            (func (export "run")
                (i32.store 0 (i32.const 200000) (i32.const -1))
                (table.set 0 (i32.const 20) (ref.func $mine))
                (drop (memory.grow 0 (i32.const 1)))
                (drop (table.grow 0 (ref.func $mine) (i32.const 2)))))"#,
    )?;
    let other = Instance::new(&mut *caller, &module, &[memory, table])?;
    other.get_typed_func::<(), ()>(&mut *caller, "run")?.call(&mut *caller, ())?;
    let _: (Option<Table>, Option<Global>) = (None, None);
    Ok(())
}

/// The guest once more, below the host.
fn call_back(caller: &mut Caller<'_, World>) -> Result<()> {
    let (op, a) = (caller.data_mut().chance.below(17) as i32, caller.data_mut().chance.next() as i32);
    let func = caller.get_export("op").and_then(|export| export.into_func()).expect("a function");
    let func = func.typed::<(i32, i32, i32), ()>(&*caller)?;
    func.call(&mut *caller, (op, a, a))
}

/// Numbers that look random.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 3
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        (self.next() % u64::from(bound)) as u32
    }
}
