//! Dayfly, as it is when nothing is set.

use super::contender::{Choice, contender};
use super::density::Crowd;
use dayfly::{Engine, Instance, InstancePark, InstancePre, Linker, Module, Store};

contender!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    vec![Choice {
        name: "dayfly",
        package: "dayfly",
        settings: "default",
        load: Box::new(|wasm| Ok(Box::new(Ready::new(Engine::default(), wasm)?))),
        crowd: Box::new(|wasm| {
            let ready = Ready::new(Engine::default(), wasm)?;
            let mut store = Store::new(&ready.engine, ());
            let instance = ready.pre.instantiate(&mut store).map_err(failure)?;
            let mut park = InstancePark::new(ready.pre);
            park.keep_awake(0);
            Ok(Box::new(Parked { park, awake: (store, instance) }))
        }),
    }]
}

/// Instances that are parked after every call.
struct Parked {
    park: InstancePark<u32, ()>,
    awake: (Store<()>, Instance),
}

impl Crowd for Parked {
    fn run(&mut self, number: u32, mark: i32) -> Result<Option<i32>> {
        let run = self.park.with(number, || (), |store, instance| call(store, instance, mark));
        run.map(Some).map_err(failure)
    }

    fn run_awake(&mut self, mark: i32) -> Result<i32> {
        let (store, instance) = &mut self.awake;
        call(store, *instance, mark).map_err(failure)
    }

    fn parks(&self) -> bool {
        true
    }
}

fn call(store: &mut Store<()>, instance: Instance, mark: i32) -> dayfly::Result<i32> {
    instance.get_typed_func::<i32, i32>(&mut *store, "run")?.call(store, mark)
}
