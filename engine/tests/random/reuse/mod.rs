//! Instances that are used again after hostile guests and hosts: all state is compared with
//! a fresh instance's after every run, by the engine (`check_instance_reuse`) and by the guest.
//! `DAYFLY_HOSTILE_RUNS=n` makes `n` runs for each way of tracking memory, each maker of code
//! and each kind of initial state; `DAYFLY_HOSTILE_TRACKING=Discard,Scan` takes only some ways.

mod crowd;
mod host;
mod parking;

use dayfly::{Config, Engine, Error, InstancePre, Linker, MemoryTracking, Module, Store, Strategy, Trap};
use host::{Chance, World};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

const GUEST: &str = include_str!("guest.wat");

/// Runs of an ordinary run of this test, for each way of tracking.
const RUNS: u64 = 1_000;

/// Who runs the code.
const STRATEGIES: [Strategy; 3] = [Strategy::Interpreter, Strategy::Compiler, Strategy::Mixed(3)];

/// Operations that the guest knows.
const OPS: i32 = 28;

/// How runs ended, to be sure that all ways were seen.
#[derive(Default, Debug)]
struct Ends {
    well: u64,
    traps: u64,
    exceptions: u64,
    host_errors: u64,
    panics: u64,
    out_of_fuel: u64,
    overflows: u64,
}

/// `None` where the machine has no compiler.
fn engine_with(how: Option<MemoryTracking>, strategy: Strategy) -> Option<Engine> {
    let mut config = Config::new();
    config
        .strategy(strategy)
        .consume_fuel(true)
        .memory_tracking(how)
        .check_instance_reuse(true)
        .max_wasm_stack(64 << 10)
        .max_native_stack(256 << 10);
    Engine::new(&config).ok()
}

fn engine(how: Option<MemoryTracking>) -> Engine {
    engine_with(how, Strategy::Interpreter).expect("there is always the interpreter")
}

/// The guest; with or without objects on the GC heap in its initial state.
fn prepare(engine: &Engine, with_objects: bool) -> InstancePre<World> {
    let object = "(struct.new $node (i64.const 4) (ref.null $node) (ref.func $two))";
    let wat = GUEST.replace("NODE", if with_objects { object } else { "(ref.i31 (i32.const 4))" });
    let module = Module::new(engine, wat).unwrap();
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "touch", host::touch).unwrap();
    linker.instantiate_pre(&module).unwrap()
}

#[test]
fn hostile_guests_leave_nothing_behind() {
    let runs = match std::env::var("DAYFLY_HOSTILE_RUNS") {
        Ok(runs) => runs.parse().expect("DAYFLY_HOSTILE_RUNS is a number"),
        Err(_) => RUNS,
    };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Panics of the host's functions are part of the test.
        if !info.payload().is::<host::Planned>() {
            hook(info);
        }
    }));
    let asked = std::env::var("DAYFLY_HOSTILE_TRACKING").ok();
    let is_asked = |how: &Option<MemoryTracking>| match (&asked, how) {
        (None, _) => true,
        (Some(asked), Some(how)) => asked.split(',').any(|name| name == format!("{how:?}")),
        (Some(_), None) => false,
    };
    let ways = [None].into_iter().chain(MemoryTracking::ALL.map(Some)).filter(is_asked);
    for (how, strategy) in ways.flat_map(|how| STRATEGIES.map(|strategy| (how, strategy))) {
        let Some(engine) = engine_with(how, strategy) else {
            println!("there is no {strategy:?} here");
            continue;
        };
        for with_objects in [false, true] {
            let ends = attack(&engine, with_objects, runs);
            println!("{how:?}, {strategy:?}, objects at the start: {with_objects}: {runs} runs: {ends:?}");
            let all =
                [ends.well, ends.traps, ends.exceptions, ends.host_errors, ends.panics, ends.out_of_fuel];
            assert!(all.iter().all(|n| *n > runs / 1000) && ends.overflows > 0, "{ends:?}");
        }
    }
}

fn attack(engine: &Engine, with_objects: bool, runs: u64) -> Ends {
    let pre = prepare(engine, with_objects);
    let mut chance = Chance::new(runs ^ u64::from(with_objects));
    let mut ends = Ends::default();
    // Some stores end on another thread than they were made on.
    let (elsewhere, stores) = mpsc::channel::<Store<World>>();
    std::thread::scope(|scope| {
        scope.spawn(move || stores.into_iter().for_each(drop));
        for run in 0..runs {
            let mut store = Store::new(engine, World::new(chance.next()));
            store.set_fuel(20_000 + u64::from(chance.below(100_000))).unwrap();
            let instance = pre.instantiate(&mut store).unwrap();
            let fresh = instance.get_typed_func::<(), i32>(&mut store, "fresh").unwrap();
            assert_eq!(fresh.call(&mut store, ()).unwrap(), 0, "run {run}");
            let op = instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, "op").unwrap();
            for _ in 0..=chance.below(10) {
                let args = (chance.below(OPS as u32) as i32, chance.next() as i32, chance.next() as i32);
                // What ends the guest at once is to come, but not to be all there is.
                if matches!(args.0, 17 | 18 | 20..=22) && chance.below(3) > 0 {
                    continue;
                }
                let ended = catch_unwind(AssertUnwindSafe(|| op.call(&mut store, args)));
                note(&mut ends, &ended);
                if ended.is_err() || ended.is_ok_and(|result| result.is_err()) && chance.below(2) == 0 {
                    break;
                }
            }
            if chance.below(8) == 0 {
                // In place, and used once more.
                if instance.reset(&mut store).is_ok() {
                    store.set_fuel(50_000).unwrap();
                    assert_eq!(fresh.call(&mut store, ()).unwrap(), 0, "run {run}, reset");
                }
            }
            if chance.below(4) == 0 {
                elsewhere.send(store).unwrap();
            }
        }
        drop(elsewhere);
    });
    ends
}

fn note(ends: &mut Ends, ended: &std::thread::Result<Result<(), Error>>) {
    match ended {
        Err(payload) => {
            assert!(payload.is::<host::Planned>(), "a panic of the engine");
            ends.panics += 1;
        }
        Ok(Ok(())) => ends.well += 1,
        Ok(Err(error)) => match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => ends.out_of_fuel += 1,
            Some(Trap::StackOverflow) => ends.overflows += 1,
            Some(_) => ends.traps += 1,
            None if error.is::<dayfly::ThrownException>() => ends.exceptions += 1,
            None => ends.host_errors += 1,
        },
    }
}
