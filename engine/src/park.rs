//! Many instances, most of which do nothing most of the time: those are parked.

use crate::{Instance, InstancePre, Result, Store};
use core::fmt;
use core::hash::Hash;
use dayfly_runtime::host::Parked;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Instances of one module, each with a store and the host's data of its own, by a key that the host
/// chooses. Those that were used last stay as they are; of the others only what distinguishes
/// them from a fresh instance is kept, which is little: millions fit in memory. Calling one
/// wakes it. That takes about as long as making a fresh one.
///
/// An instance that cannot be told apart from its store stays awake: one with objects on the
/// GC heap, or one to whose store the host has added something.
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
    places: HashMap<K, Place<T>>,
    /// Those that were used, oldest first; what a place does not know any more is passed over.
    used: VecDeque<(K, u64)>,
    uses: u64,
    /// Those of them that are awake and can be parked.
    awake: usize,
    /// Those that are awake because they cannot be parked.
    staying: usize,
    max_awake: usize,
}

/// Where an instance is.
enum Place<T: 'static> {
    Awake(Awake<T>),
    Parked(Parked<T>),
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

/// Instances that stay awake unless another number is set.
const MAX_AWAKE: usize = 64;

impl<K: Eq + Hash + Clone, T: 'static> InstancePark<K, T> {
    /// An empty park.
    pub fn new(pre: InstancePre<T>) -> InstancePark<K, T> {
        let (places, used) = (HashMap::new(), VecDeque::new());
        InstancePark { pre, places, used, uses: 0, awake: 0, staying: 0, max_awake: MAX_AWAKE }
    }

    /// Sets how many instances stay awake; when there are more, those that were not used for the
    /// longest time are parked. Default: 64.
    pub fn keep_awake(&mut self, count: usize) -> &mut InstancePark<K, T> {
        self.max_awake = count;
        self.park_surplus();
        self
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
        let used = self.uses;
        let made = match self.places.remove(&key) {
            Some(Place::Awake(awake)) => {
                self.uncount(&awake);
                Awake { used, ..awake }
            }
            Some(Place::Parked(parked)) => {
                let (store, instance) = self.pre.linked().wake(parked)?;
                Awake { store, instance, used, since: Instant::now(), stays: false }
            }
            None => {
                let mut store = Store::new(self.pre.module().engine(), data());
                let instance = self.pre.instantiate(&mut store)?;
                Awake { store, instance, used, since: Instant::now(), stays: false }
            }
        };
        let mut awake = made;
        let result = work(&mut awake.store, awake.instance);
        if self.max_awake == 0 && !awake.stays {
            self.put_aside(key, awake);
            return result;
        }
        awake.since = Instant::now();
        self.keep(key, awake);
        self.park_surplus();
        result
    }

    /// Takes an instance out, awake.
    ///
    /// # Errors
    /// When it cannot be woken; then it is gone.
    pub fn take(&mut self, key: &K) -> Result<Option<(Store<T>, Instance)>> {
        match self.places.remove(key) {
            None => Ok(None),
            Some(Place::Parked(parked)) => self.pre.linked().wake(parked).map(Some),
            Some(Place::Awake(awake)) => {
                self.uncount(&awake);
                Ok(Some((awake.store, awake.instance)))
            }
        }
    }

    /// Drops an instance; false if there is none under this key.
    pub fn remove(&mut self, key: &K) -> bool {
        let found = self.places.remove(key);
        if let Some(Place::Awake(awake)) = &found {
            self.uncount(awake);
        }
        found.is_some()
    }

    /// The host's data of an instance, awake or not.
    pub fn data_mut(&mut self, key: &K) -> Option<&mut T> {
        match self.places.get_mut(key)? {
            Place::Awake(awake) => Some(awake.store.data_mut()),
            Place::Parked(parked) => Some(parked.data_mut()),
        }
    }

    /// Parks an instance; whether it is parked then.
    pub fn park(&mut self, key: &K) -> bool {
        match self.places.remove_entry(key) {
            None => false,
            Some((key, Place::Awake(awake))) => {
                self.uncount(&awake);
                self.put_aside(key, awake)
            }
            Some((key, parked)) => {
                self.places.insert(key, parked);
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
        self.places.len()
    }

    /// Whether there are no instances.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many instances are not parked.
    pub fn awake(&self) -> usize {
        self.awake + self.staying
    }

    fn park_surplus(&mut self) {
        let max = self.max_awake;
        self.park_oldest(|count, _| count > max);
    }

    /// Parks instances from the one on that was not used for the longest time, as long as they
    /// are to be: `wanted` gets how many of them are awake.
    fn park_oldest(&mut self, wanted: impl Fn(usize, &Awake<T>) -> bool) -> usize {
        let mut parked = 0;
        while let Some((key, used)) = self.used.front() {
            let oldest = match self.places.get(key) {
                Some(Place::Awake(awake)) if awake.used == *used => Some(awake),
                // It was used again, and stands further behind, or is gone.
                _ => None,
            };
            if oldest.is_some_and(|awake| !wanted(self.awake, awake)) {
                break;
            }
            let is_there = oldest.is_some();
            let Some((key, _)) = self.used.pop_front() else { break };
            if is_there && let Some(Place::Awake(awake)) = self.places.remove(&key) {
                self.uncount(&awake);
                parked += usize::from(self.put_aside(key, awake));
            }
        }
        parked
    }

    /// Parks an instance that was taken out, or puts it back if that cannot be.
    fn put_aside(&mut self, key: K, awake: Awake<T>) -> bool {
        let Awake { store, instance, used, since, .. } = awake;
        match self.pre.linked().park(store) {
            Ok(parked) => {
                self.places.insert(key, Place::Parked(parked));
                true
            }
            Err((store, _)) => {
                self.keep(key, Awake { store, instance, used, since, stays: true });
                false
            }
        }
    }

    /// Keeps an instance awake.
    fn keep(&mut self, key: K, awake: Awake<T>) {
        if awake.stays {
            self.staying += 1;
        } else {
            self.awake += 1;
            self.used.push_back((key.clone(), awake.used));
        }
        self.places.insert(key, Place::Awake(awake));
        // Uses that were followed by others are of no interest.
        if self.used.len() > 2 * self.awake + MAX_AWAKE {
            let places = &self.places;
            self.used.retain(|(key, used)| match places.get(key) {
                Some(Place::Awake(awake)) => awake.used == *used,
                _ => false,
            });
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
        f.debug_struct("InstancePark").field("len", &self.places.len()).field("awake", &self.awake).finish()
    }
}
