//! When instances are parked that may stay awake by their number.

use super::pressure::Pressure;
use core::fmt;
use std::time::Duration;

/// When an [`InstancePark`](crate::InstancePark) parks instances, whatever number of them may
/// stay awake: those that were not used for some time, and all of them when memory is short.
///
/// ```
/// use dayfly::{Engine, InstancePark, Linker, Module, ParkPolicy};
/// use std::time::Duration;
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, "(module)")?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// let mut park = InstancePark::<u64, ()>::new(pre);
/// park.keep_awake(10_000).set_policy(
///     ParkPolicy::new().idle(Duration::from_secs(30)).when_memory_is_short(),
/// );
/// # Ok::<(), dayfly::Error>(())
/// ```
#[derive(Default)]
pub struct ParkPolicy {
    idle: Option<Duration>,
    memory: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

/// How often memory is asked about.
const PERIOD: Duration = Duration::from_secs(1);

impl ParkPolicy {
    /// One that parks nothing.
    pub fn new() -> ParkPolicy {
        ParkPolicy::default()
    }

    /// Instances that were not used for so long are parked.
    pub fn idle(mut self, time: Duration) -> ParkPolicy {
        self.idle = Some(time);
        self
    }

    /// All instances are parked, and [idle memory](crate::Engine::release_idle_memory) is given
    /// back, when the system is short of memory: when less than a tenth is available of the
    /// machine's, or of what the process's control group may have, or when tasks have waited for
    /// memory for more than a tenth of the last ten seconds. What the system does not tell is
    /// not looked at; outside of Linux that is all of it.
    pub fn when_memory_is_short(self) -> ParkPolicy {
        let pressure = Pressure::of_system();
        self.when(move || pressure.is_high())
    }

    /// As [`when_memory_is_short`](ParkPolicy::when_memory_is_short), if `is_short` says so: for
    /// hosts that know better, and for tests.
    pub fn when(mut self, is_short: impl Fn() -> bool + Send + Sync + 'static) -> ParkPolicy {
        self.memory = Some(Box::new(is_short));
        self
    }

    pub(super) fn idle_time(&self) -> Option<Duration> {
        self.idle
    }

    pub(super) fn memory_is_short(&self) -> bool {
        self.memory.as_ref().is_some_and(|is_short| is_short())
    }

    /// How often there may be something to do, if ever.
    pub(super) fn period(&self) -> Option<Duration> {
        match (self.idle, &self.memory) {
            (None, None) => None,
            (idle, _) => Some(idle.map_or(PERIOD, |time| (time / 4).min(PERIOD))),
        }
    }
}

impl fmt::Debug for ParkPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParkPolicy").field("idle", &self.idle).finish_non_exhaustive()
    }
}
