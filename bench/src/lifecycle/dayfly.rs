//! Dayfly, as it is when nothing is set.

use super::contender::{Choice, contender};
use super::density::Crowd;
use dayfly::{Engine, InstancePark, InstancePre, Linker, Module, Store};

contender!();

/// The configurations that are measured.
pub fn choices() -> Vec<Choice> {
    vec![Choice {
        name: "dayfly",
        package: "dayfly",
        settings: "default",
        load: Box::new(|wasm| Ok(Box::new(Ready::new(Engine::default(), wasm)?))),
        crowd: Box::new(|wasm| {
            let mut park = InstancePark::new(Ready::new(Engine::default(), wasm)?.pre);
            park.keep_awake(0);
            Ok(Box::new(Parked(park)))
        }),
    }]
}

/// Instances that are parked after every call.
struct Parked(InstancePark<u32, ()>);

impl Crowd for Parked {
    fn run(&mut self, number: u32, mark: i32) -> Result<Option<i32>> {
        let run = self.0.with(
            number,
            || (),
            |store, instance| instance.get_typed_func::<i32, i32>(&mut *store, "run")?.call(store, mark),
        );
        run.map(Some).map_err(failure)
    }

    fn parks(&self) -> bool {
        true
    }
}
