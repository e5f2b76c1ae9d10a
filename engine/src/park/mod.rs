//! Many instances, most of which do nothing most of the time: those are parked.

mod lease;
mod places;
mod policy;
mod pressure;

pub use policy::ParkPolicy;

use crate::{Instance, InstancePre, Result, Store};
use core::fmt;
use core::hash::Hash;
use dayfly_runtime::store::Arena;
use lease::Lease;
use places::{Place, Places};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Instances of one module, each with a store and the host's data of its own, by a key that the host
/// chooses. Those that were used last stay as they are; of the others only what distinguishes
/// them from a fresh instance is kept, which is little: millions fit in memory. Calling one
/// wakes it. That takes about as long as making a fresh one.
///
/// An instance that cannot be told apart from its store stays awake: one to whose store the
/// host has added something, or that refers to such, as by a function of the host in a table.
/// Handles of what is in a store come to an end when its instance is parked.
///
/// Which instances stay awake is a matter of how many there may be
/// ([`keep_awake`](InstancePark::keep_awake)) and, if the host wants, of time and of the memory that
/// the system has left ([`set_policy`](InstancePark::set_policy)).
///
/// A park is used by one thread at a time; a host with many has a park for each, or a lock.
///
/// ```
/// use dayfly::{Engine, InstancePark, Linker, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///         (global $count (mut i32) (i32.const 0))
///         (func (export "count") (result i32)
///             (global.set $count (i32.add (global.get $count) (i32.const 1)))
///             (global.get $count)))
/// "#)?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// let mut park = InstancePark::new(pre);
/// for user in [7, 9, 7, 7] {
///     let count = park.with(user, || "data of the host", |store, instance| {
///         instance.get_typed_func::<(), i32>(&mut *store, "count")?.call(store, ())
///     })?;
///     println!("user {user} was here {count} times");
/// }
/// park.park_all();
/// assert_eq!(park.len(), 2);
/// # Ok::<(), dayfly::Error>(())
/// ```
pub struct InstancePark<K, T: 'static> {
    pre: InstancePre<T>,
    /// Small, so that a million of them stay near; the places are found by their numbers.
    keys: HashMap<K, u32>,
    places: Places<Place<T>>,
    /// What is parked is in here.
    arena: Arena,
    /// The places that were used, oldest first; what a place does not know any more is passed over.
    used: VecDeque<(u32, u64)>,
    uses: u64,
    /// Those of them that are awake and can be parked.
    awake: usize,
    /// Those that are awake because they cannot be parked.
    staying: usize,
    max_awake: usize,
    policy: ParkPolicy,
    /// When `tend` is due.
    tend_at: Option<Instant>,
}

struct Awake<T: 'static> {
    store: Store<T>,
    instance: Instance,
    /// The number of its last use.
    used: u64,
    since: Instant,
    /// Whether it cannot be parked; the reason does not go away by waiting.
    stays: bool,
}

/// The clock is looked at, and perhaps `tend` called, once in so many uses.
const TEND_USES: u64 = 64;

/// Instances that stay awake unless another number is set.
const MAX_AWAKE: usize = 64;

impl<K: Eq + Hash, T: 'static> InstancePark<K, T> {
    /// An empty park.
    pub fn new(pre: InstancePre<T>) -> InstancePark<K, T> {
        InstancePark {
            pre,
            keys: HashMap::new(),
            places: Places::new(),
            arena: Arena::new(),
            used: VecDeque::new(),
            uses: 0,
            awake: 0,
            staying: 0,
            max_awake: MAX_AWAKE,
            policy: ParkPolicy::default(),
            tend_at: None,
        }
    }

    /// Sets how many instances stay awake; when there are more, those that were not used for the
    /// longest time are parked. Default: 64.
    pub fn keep_awake(&mut self, count: usize) -> &mut InstancePark<K, T> {
        self.max_awake = count;
        self.park_surplus();
        self
    }

    /// Sets when instances are parked though there may be more awake. Default: never.
    pub fn set_policy(&mut self, policy: ParkPolicy) -> &mut InstancePark<K, T> {
        self.tend_at = policy.period().map(|period| Instant::now() + period);
        self.policy = policy;
        self
    }

    /// Does what the policy says, and returns how many instances it has parked. `with` sees to it
    /// now and then; a host whose guests may all be quiet does it from time to time.
    pub fn tend(&mut self) -> usize {
        self.tend_at = self.policy.period().map(|period| Instant::now() + period);
        let idle = self.policy.idle_time().map_or(0, |time| self.park_idle(time));
        if !self.policy.memory_is_short() {
            return idle;
        }
        let parked = self.park_all();
        self.release_memory();
        idle + parked
    }

    /// Gives memory back to the system that is kept to be used again: what waits for further
    /// instances of the engine, and what parked instances of this park do not take any more.
    pub fn release_memory(&mut self) {
        self.pre.module().engine().release_idle_memory();
        self.arena.trim();
        self.keys.shrink_to_fit();
    }

    /// Does something with an instance: the one under this key, which is woken if it is
    /// parked, or a new one if there is none.
    ///
    /// # Errors
    /// When an instance cannot be made or woken, in which case it is gone, and what `work` returns.
    pub fn with<R>(
        &mut self,
        key: K,
        data: impl FnOnce() -> T,
        work: impl FnOnce(&mut Store<T>, Instance) -> Result<R>,
    ) -> Result<R> {
        self.uses += 1;
        let (known, at) = match self.keys.entry(key) {
            Entry::Occupied(known) => {
                let at = *known.get();
                (known, at)
            }
            Entry::Vacant(free) => {
                let at = self.places.insert(Place::Away);
                (free.insert_entry(at), at)
            }
        };
        // Until it is back: if it does not come back, nothing is left of it.
        let mut lease = Lease::new(known, &mut self.places);
        let (mut store, instance, stays) = match lease.take() {
            Place::Awake(awake) => {
                let Awake { store, instance, stays, .. } = *awake;
                *(if stays { &mut self.staying } else { &mut self.awake }) -= 1;
                (store, instance, stays)
            }
            Place::Parked(parked) => {
                let (store, instance) = self.pre.linked().wake(parked, &mut self.arena)?;
                (store, instance, false)
            }
            Place::Away => {
                let mut store = Store::new(self.pre.module().engine(), data());
                let instance = self.pre.instantiate(&mut store)?;
                (store, instance, false)
            }
        };
        let result = work(&mut store, instance);
        lease.keep();
        if self.max_awake == 0 && !stays {
            self.park_at(at, store, instance);
        } else {
            self.keep(at, store, instance, stays);
            self.park_surplus();
        }
        if self.tend_at.is_some_and(|due| self.uses.is_multiple_of(TEND_USES) && Instant::now() >= due) {
            self.tend();
        }
        result
    }

    /// Takes an instance out, awake.
    ///
    /// # Errors
    /// When it cannot be woken; then it is gone.
    pub fn take(&mut self, key: &K) -> Result<Option<(Store<T>, Instance)>> {
        match self.take_out(key) {
            Some(Place::Parked(parked)) => self.pre.linked().wake(parked, &mut self.arena).map(Some),
            Some(Place::Awake(awake)) => Ok(Some((awake.store, awake.instance))),
            Some(Place::Away) | None => Ok(None),
        }
    }

    /// Drops an instance; false if there is none under this key.
    pub fn remove(&mut self, key: &K) -> bool {
        let found = self.take_out(key);
        let is_there = found.is_some();
        if let Some(Place::Parked(parked)) = found {
            parked.discard(&mut self.arena);
        }
        is_there
    }

    /// The host's data of an instance, awake or not.
    pub fn data_mut(&mut self, key: &K) -> Option<&mut T> {
        match self.places.get_mut(*self.keys.get(key)?) {
            Place::Awake(awake) => Some(awake.store.data_mut()),
            Place::Parked(parked) => Some(parked.data_mut()),
            Place::Away => None,
        }
    }

    /// Parks an instance; whether it is parked then.
    pub fn park(&mut self, key: &K) -> bool {
        let Some(at) = self.keys.get(key).copied() else { return false };
        match self.places.replace(at, Place::Away) {
            Place::Awake(awake) => self.put_aside(at, *awake),
            place => {
                self.places.replace(at, place);
                true
            }
        }
    }

    /// Parks all instances that were not used for so long, and returns how many.
    pub fn park_idle(&mut self, time: Duration) -> usize {
        let now = Instant::now();
        self.park_oldest(|_, awake| now.duration_since(awake.since) >= time)
    }

    /// Parks all instances that can be, as when memory is short, and returns how many.
    pub fn park_all(&mut self) -> usize {
        self.park_oldest(|_, _| true)
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no instances.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many instances are not parked.
    pub fn awake(&self) -> usize {
        self.awake + self.staying
    }

    fn take_out(&mut self, key: &K) -> Option<Place<T>> {
        let at = self.keys.remove(key)?;
        let place = self.places.remove(at);
        if let Place::Awake(awake) = &place {
            self.uncount(awake);
        }
        Some(place)
    }

    fn park_surplus(&mut self) {
        let max = self.max_awake;
        self.park_oldest(|count, _| count > max);
    }

    /// Parks instances from the one on that was not used for the longest time, as long as they
    /// are to be: `wanted` gets how many of them are awake.
    fn park_oldest(&mut self, wanted: impl Fn(usize, &Awake<T>) -> bool) -> usize {
        let mut parked = 0;
        while let Some(&(at, used)) = self.used.front() {
            let oldest = self.places.get(at).and_then(|place| place.used_at(used));
            if oldest.is_some_and(|awake| !wanted(self.awake, awake)) {
                break;
            }
            // If it was used again it stands further behind, or it is gone.
            let is_there = oldest.is_some();
            self.used.pop_front();
            if is_there && let Place::Awake(awake) = self.places.replace(at, Place::Away) {
                parked += usize::from(self.put_aside(at, *awake));
            }
        }
        parked
    }

    /// Parks an instance that was awake and taken out of its place.
    fn put_aside(&mut self, at: u32, awake: Awake<T>) -> bool {
        self.uncount(&awake);
        self.park_at(at, awake.store, awake.instance)
    }

    /// Parks an instance in its place, or keeps it awake if that cannot be.
    fn park_at(&mut self, at: u32, store: Store<T>, instance: Instance) -> bool {
        match self.pre.linked().park(store, &mut self.arena) {
            Ok(parked) => {
                self.places.replace(at, Place::Parked(parked));
                true
            }
            Err((store, _)) => {
                self.keep(at, store, instance, true);
                false
            }
        }
    }

    /// Keeps an instance awake in its place.
    fn keep(&mut self, at: u32, store: Store<T>, instance: Instance, stays: bool) {
        let awake = Awake { store, instance, used: self.uses, since: Instant::now(), stays };
        if stays {
            self.staying += 1;
        } else {
            self.awake += 1;
            self.used.push_back((at, awake.used));
        }
        self.places.replace(at, Place::Awake(Box::new(awake)));
        // Uses that were followed by others are of no interest.
        if self.used.len() > 2 * self.awake + MAX_AWAKE {
            let places = &self.places;
            self.used.retain(|(at, used)| places.get(*at).is_some_and(|p| p.used_at(*used).is_some()));
        }
    }

    /// An instance that was awake was taken out.
    fn uncount(&mut self, awake: &Awake<T>) {
        if awake.stays {
            self.staying -= 1;
        } else {
            self.awake -= 1;
        }
    }
}

impl<K, T: 'static> fmt::Debug for InstancePark<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePark").field("len", &self.keys.len()).field("awake", &self.awake).finish()
    }
}
