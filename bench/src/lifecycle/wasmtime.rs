//! Wasmtime, with each of its ways to make instances.

use super::contender::{Choice, contender};
use super::density::Crowd;
use wasmtime::{
    Config, Enabled, Engine, Instance, InstanceAllocationStrategy, InstancePre, Linker, Module,
    PoolingAllocationConfig, Store,
};

contender!();

/// Bytes that the pool keeps of each memory where the system tells which were written:
/// more than any module here has.
const KEPT_BY_SCAN: usize = 32 << 20;

/// Bytes that it keeps where it has to write all of them back.
const KEPT: usize = 64 << 10;

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    vec![
        choice("wasmtime", "default: a mapping for each instance", || {
            Engine::new(&Config::new()).map_err(failure)
        }),
        choice("wasmtime-pool", "pooling, default", || pooling(|pool| pool)),
        choice("wasmtime-scan", "pooling, PAGEMAP_SCAN, keeps 32 MiB of a memory, 64 KiB of a table", || {
            pooling(|pool| {
                pool.pagemap_scan(Enabled::Yes);
                pool.linear_memory_keep_resident(KEPT_BY_SCAN).table_keep_resident(KEPT)
            })
        }),
        choice("wasmtime-keep", "pooling, keeps 64 KiB of a memory, 64 KiB of a table", || {
            pooling(|pool| pool.linear_memory_keep_resident(KEPT).table_keep_resident(KEPT))
        }),
    ]
}

fn choice(name: &'static str, settings: &'static str, engine: fn() -> Result<Engine>) -> Choice {
    Choice {
        name,
        package: "wasmtime",
        settings,
        load: Box::new(move |wasm| Ok(Box::new(Ready::new(engine()?, wasm)?))),
        crowd: Box::new(move |wasm| {
            Ok(Box::new(Awake { ready: Ready::new(engine()?, wasm)?, alive: Vec::new() }))
        }),
    }
}

fn pooling(set: fn(&mut PoolingAllocationConfig) -> &mut PoolingAllocationConfig) -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    set(&mut pool);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).map_err(failure)
}

/// Instances that stay as they are.
struct Awake {
    ready: Ready,
    alive: Vec<(Store<()>, Instance)>,
}

impl Crowd for Awake {
    fn run(&mut self, number: u32, mark: i32) -> Result<Option<i32>> {
        if number as usize == self.alive.len() {
            let mut store = Store::new(&self.ready.engine, ());
            // An error says that there are too many.
            let Ok(instance) = self.ready.pre.instantiate(&mut store) else { return Ok(None) };
            self.alive.push((store, instance));
        }
        let (store, instance) = &mut self.alive[number as usize];
        let run = instance.get_typed_func::<i32, i32>(&mut *store, "run").map_err(failure)?;
        run.call(store, mark).map(Some).map_err(failure)
    }

    fn run_awake(&mut self, mark: i32) -> Result<i32> {
        self.run(0, mark)?.context("the first instance is there")
    }

    fn parks(&self) -> bool {
        false
    }
}
