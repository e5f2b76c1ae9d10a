//! Stores that are used again: how one is taken, how it becomes as new, and how an
//! instance is made from the parts of one that is done.

use super::arena::{Arena, Blob};
use super::delta::{NotCaptured, Rest};
use super::pool::Pool;
use super::slot::Slot;
use super::{EpochCallback, Extern, Func, Instance, InstanceId, LimiterAccess, Shared, StoreOpaque};
use crate::gc::HostTable;
use crate::instance::{Template, TemplateOwner, Warm};
use crate::instantiate::InstantiateError;
use crate::limits::{Resource, ResourceError};
use crate::memory::MemoryImage;
use crate::sys::fork;
use crate::vm::Fuel;
use core::any::Any;
use core::mem::replace;
use core::ptr;
use dayfly_parser::{MemoryIdx, TableIdx};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// What the host has set in a store.
pub(crate) struct Settings {
    limiter: Option<LimiterAccess>,
    epoch_callback: Option<EpochCallback>,
    fuel: Fuel,
    epoch_deadline: u64,
}

/// Where the bytes of a state are.
#[derive(Debug)]
pub(crate) enum Kept {
    In(Blob),
    /// Of their own, because the arena had no room.
    Apart(Box<[u8]>),
}

#[cold]
fn no_memory() -> ResourceError {
    ResourceError::out_of_memory(Resource::Instances, 1)
}

impl StoreOpaque {
    /// An empty store, one that was used before if there is one.
    #[inline]
    pub fn obtain(shared: &Arc<Shared>, data: Box<dyn Any>) -> Box<StoreOpaque> {
        let Some(mut store) = shared.pool().take_store() else {
            return StoreOpaque::new(shared.clone(), data);
        };
        store.id = store.ids.fresh();
        store.rest = store.ids.fresh();
        store.data = data;
        store
    }

    /// Ends the store. What it has may be used again.
    #[inline]
    pub fn retire(mut self: Box<StoreOpaque>) {
        drop(replace(&mut self.data, Box::new(())));
        if self.clean().is_some() {
            Pool::give_store(self);
        }
    }

    /// As `instantiate`, from a template; `None` if that is not possible here, because the store has something
    /// already, and then nothing has been done.
    ///
    /// # Panics
    /// If the template is of another engine.
    #[inline]
    pub(crate) fn instantiate_template(
        &mut self,
        owner: &TemplateOwner,
    ) -> Option<Result<Instance, InstantiateError>> {
        let template = owner.template();
        // What the instance has on the GC heap would take the place of what the host has put there.
        if !self.has_no_parts() || self.gc.exists() || !template.is_open() {
            return None;
        }
        let blueprint = template.blueprint();
        assert!(Arc::ptr_eq(blueprint.shared(), self.shared()), "module and store are of different engines");
        if self.find_slot(template) {
            if let Err(error) = self.attach(template) {
                return Some(Err(error));
            }
        } else if let Err(error) = self.make_slot(template)? {
            return Some(Err(error));
        }
        Some(self.begin(template).and_then(|()| self.start_fresh(template)))
    }

    /// Makes the only instance of the store as new, and runs its start function. `None` if
    /// the instance was not made from a template as the store's first, or runs.
    pub(crate) fn reset_instance(&mut self, instance: Instance) -> Option<Result<(), InstantiateError>> {
        self.check(instance.store);
        // SAFETY: the store's state is alive.
        let entered = unsafe { !(*self.vm_store()).store.is_null() };
        if !self.slot_in_use || instance.id != InstanceId(0) || entered || fork::forked() {
            return None;
        }
        let fuel = self.fuel();
        // SAFETY: as above.
        let deadline = unsafe { (*self.vm_store()).epoch_deadline };
        let mut slot = self.slot.take()?;
        // Nobody follows a handle of what is dropped now, nor one of the instance until it is whole again.
        self.rest = self.ids.fresh();
        let id = replace(&mut self.id, self.ids.fresh());
        self.roots.end_all();
        let dead = self.clear_references();
        let reset = slot.reset(self);
        if reset.is_some() && self.shared().config().check_instance_reuse {
            slot.check(self);
        }
        let template = slot.template().clone();
        self.slot = Some(slot);
        if reset.is_none() {
            // It must not be used again.
            template.close();
            self.drop_instance();
            return None;
        }
        // SAFETY: as above.
        unsafe { (*self.vm_store()).epoch_deadline = deadline };
        if let Ok(fuel) = fuel {
            let _ = self.set_fuel(fuel);
        }
        let begun = self.begin(&template);
        if begun.is_ok() {
            self.id = id;
        }
        // Only now, because it runs code of the host, which may panic.
        drop(dead);
        Some(begun.and_then(|()| self.start_fresh(&template)).map(|_| ()))
    }

    /// Takes the state of the store's only instance, which was made from this template; it goes
    /// to the arena, or to bytes of its own if that has no room. After an error the store is as
    /// before, otherwise it is to be dropped.
    pub(crate) fn park(
        &mut self,
        owner: &TemplateOwner,
        arena: &mut Arena,
    ) -> Result<(Kept, Rest), NotCaptured> {
        let of_it = |slot: &Slot| Arc::ptr_eq(slot.template(), owner.template());
        if !self.slot.as_deref().is_some_and(of_it) || fork::forked() {
            return Err(NotCaptured::of_another());
        }
        let mut head = core::mem::take(&mut self.buffer);
        let parked = self.draft(&mut head, true).map(|draft| {
            let size = draft.size(&head);
            match arena.allocate(size) {
                Some(blob) => {
                    let rest = self.take_state(&head, draft, arena.get_mut(&blob));
                    (Kept::In(blob), rest)
                }
                None => {
                    let mut bytes = vec![0; size];
                    let rest = self.take_state(&head, draft, &mut bytes);
                    (Kept::Apart(bytes.into()), rest)
                }
            }
        });
        self.buffer = head;
        parked
    }

    /// Makes an instance of the template in an empty store, in the state that was taken.
    pub(crate) fn wake(
        &mut self,
        owner: &TemplateOwner,
        state: &[u8],
        rest: Rest,
    ) -> Result<Instance, InstantiateError> {
        let template = owner.template();
        if self.find_slot(template) {
            self.attach(template)?;
        } else {
            self.make_slot(template).unwrap_or_else(|| self.make_unused(template))?;
        }
        self.apply(state, rest)?;
        Ok(self.instance_handle(InstanceId(0)))
    }

    /// The settings, if they are not as at first, in which they are left.
    pub(crate) fn take_settings(&mut self) -> Option<Box<Settings>> {
        // SAFETY: the store's state is alive.
        let (fuel, epoch_deadline) = unsafe { ((*self.vm_store()).fuel, (*self.vm_store()).epoch_deadline) };
        let (limiter, epoch_callback) = (self.limiter.take(), self.epoch_callback.take());
        let as_at_first =
            limiter.is_none() && epoch_callback.is_none() && fuel == Fuel::NONE && epoch_deadline == u64::MAX;
        (!as_at_first).then(|| Box::new(Settings { limiter, epoch_callback, fuel, epoch_deadline }))
    }

    /// Takes over the settings of another store.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        let Settings { limiter, epoch_callback, fuel, epoch_deadline } = settings;
        (self.limiter, self.epoch_callback) = (limiter, epoch_callback);
        // SAFETY: the store's state is alive.
        unsafe {
            (*self.vm_store()).fuel = fuel;
            (*self.vm_store()).epoch_deadline = epoch_deadline;
        }
    }

    /// A template whose instances start from the present state of the store's only instance,
    /// which was made from `owner`. `None` in it if the system does not give the memory.
    pub(crate) fn warm_template(
        &mut self,
        owner: &TemplateOwner,
    ) -> Result<Option<TemplateOwner>, NotCaptured> {
        // The host could have put another store in the place of this one.
        if !self.slot.as_deref().is_some_and(|slot| Arc::ptr_eq(slot.template(), owner.template())) {
            return Err(NotCaptured::of_another());
        }
        let (state, rest) = self.copy_state()?;
        let mut memories = Vec::new();
        for memory in self.memories.iter().filter_map(|memory| memory.own()) {
            let image = match MemoryImage::of_memory(memory) {
                None => None,
                Some(Some(image)) => Some(image),
                Some(None) => return Ok(None),
            };
            memories.push((memory.pages(), image));
        }
        Ok(Some(owner.warmed(Warm { state, rest, memories })))
    }

    /// The parts of an instance that wait in this store, if they are wanted.
    pub(super) fn take_slot_if(&mut self, wanted: impl Fn(&Slot) -> bool) -> Option<Box<Slot>> {
        self.slot.take_if(|slot| wanted(slot))
    }

    /// Whether parts of an instance of the template wait in this store; looks for them elsewhere
    /// if not.
    #[inline]
    fn find_slot(&mut self, template: &Arc<Template>) -> bool {
        let fits = |slot: &Slot| Arc::ptr_eq(slot.template(), template);
        if self.slot.as_deref().is_some_and(fits) {
            return true;
        }
        let given = self.slot.take();
        self.slot = self.shared.pool().exchange_slot(given, template);
        self.slot.is_some()
    }

    /// Brings the parts that wait into the store. What they have on the GC heap is yet to be made.
    #[inline]
    fn attach(&mut self, template: &Template) -> Result<(), InstantiateError> {
        if self.limiter.is_some() {
            self.ask_for_all(template)?;
        }
        let Some(mut slot) = self.slot.take() else { return Ok(()) };
        slot.exchange(self);
        self.slot = Some(slot);
        self.slot_in_use = true;
        self.instances[0].block.set_store(self.vm_store());
        Ok(())
    }

    /// Makes what a fresh instance has on the GC heap, of which the store has nothing. The instance is gone after an
    /// error, or a panic of the host's limiter.
    #[inline]
    fn begin(&mut self, template: &Template) -> Result<(), InstantiateError> {
        if self.slot.as_ref().is_some_and(|slot| slot.needs_gc_init()) {
            return self.make_whole(|store| store.initialise(template.blueprint(), InstanceId(0)));
        }
        match template.warm().and_then(|warm| warm.rest.heap()) {
            Some(heap) => self.make_whole(|store| Ok(store.apply_heap(heap.clone())?)),
            None => Ok(()),
        }
    }

    /// Does what the store's only instance lacks, or drops it: references of it that are never null would be, and
    /// others would lead nowhere.
    fn make_whole(
        &mut self,
        make: impl FnOnce(&mut StoreOpaque) -> Result<(), InstantiateError>,
    ) -> Result<(), InstantiateError> {
        let made = catch_unwind(AssertUnwindSafe(|| make(self)));
        if !matches!(made, Ok(Ok(()))) {
            self.drop_instance();
        }
        made.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Drops the instance that was made from a template, and all that came to the store after it. Whoever has handles
    /// of it must be refused.
    #[cold]
    fn drop_instance(&mut self) {
        self.slot = None;
        self.slot_in_use = false;
        self.clear_parts();
    }

    /// Runs the start function of a fresh instance, unless it has run.
    #[inline]
    fn start_fresh(&mut self, template: &Template) -> Result<Instance, InstantiateError> {
        match template.warm() {
            Some(_) => Ok(self.instance_handle(InstanceId(0))),
            None => self.start(template.blueprint(), InstanceId(0)),
        }
    }

    /// As `attach`, of parts that are made, and can be used again. `None` if the system does not
    /// let us.
    #[cold]
    fn make_slot(&mut self, template: &Arc<Template>) -> Option<Result<(), InstantiateError>> {
        if fork::forked() {
            // It could not be told what is written to them.
            return None;
        }
        let imports = self.imports_of(template);
        let made = self.make_resettable(template, &imports);
        match made {
            Ok(Some(())) => {}
            Ok(None) => {
                // Perhaps there is too much of what is kept.
                self.shared.pool().release();
                template.note_failure();
                return None;
            }
            Err(error) => return Some(Err(error)),
        }
        // What the module has on the heap is made for each instance; a warm one has its own.
        let needs_gc_init = self.forget_heap() && template.warm().is_none();
        if let Some(warm) = template.warm()
            && let Err(error) =
                self.make_whole(|store| Ok(store.apply(&warm.state, warm.rest.without_heap())?))
        {
            return Some(Err(error));
        }
        let slot = Slot::of(self, template, needs_gc_init);
        self.slot = Some(Box::new(slot));
        self.slot_in_use = true;
        Some(Ok(()))
    }

    /// As `attach`, of parts that cannot be used again, where others are not to be had.
    #[cold]
    fn make_unused(&mut self, template: &Arc<Template>) -> Result<(), InstantiateError> {
        if template.warm().is_some() {
            return Err(no_memory().into());
        }
        let imports = self.imports_of(template);
        self.make_plain(template.blueprint(), &imports)?;
        self.forget_heap();
        Ok(())
    }

    fn imports_of(&self, template: &Template) -> Vec<Extern> {
        let store = self.id();
        template.imports().iter().map(|func| Extern::Func(Func { store, func: func.func_ref() })).collect()
    }

    /// Asks the limiter for everything that an instance takes, in the order in which making it
    /// would.
    fn ask_for_all(&mut self, template: &Template) -> Result<(), ResourceError> {
        let blueprint = template.blueprint();
        let module = blueprint.module();
        self.admit_instance()?;
        self.admit_memories(module.memories().len())?;
        self.admit_tables(module.tables().len())?;
        for (n, ty) in module.memories().iter().enumerate() {
            self.allow_new_memory(ty, template.memory(MemoryIdx(n as u32)).0)?;
        }
        for n in 0..module.tables().len() {
            let ty = blueprint.table_type(TableIdx(n as u32));
            self.allow_table(0, ty.min, ty.max)?;
        }
        Ok(())
    }

    fn has_no_parts(&self) -> bool {
        self.instances.is_empty()
            && self.memories.is_empty()
            && self.tables.is_empty()
            && self.globals.is_empty()
            && self.tags.is_empty()
    }

    /// Makes the store as new, but for its data. `None` if that is not possible.
    #[inline]
    fn clean(&mut self) -> Option<()> {
        // SAFETY: the store's state is alive.
        if unsafe { !(*self.vm_store()).activation.is_null() } || fork::forked() {
            return None;
        }
        self.limiter = None;
        self.epoch_callback = None;
        self.roots.clear();
        let _dead = self.clear_references();
        if core::mem::take(&mut self.slot_in_use) {
            let mut slot = self.slot.take()?;
            if !slot.template().is_open() {
                return self.clear_parts();
            }
            slot.reset(self)?;
            if self.shared.config().check_instance_reuse {
                slot.check(self);
            }
            slot.exchange(self);
            self.slot = Some(slot);
        } else if !self.has_no_parts() {
            self.clear_parts()?;
        }
        self.free_host_cells();
        self.host_funcs.clear();
        Some(())
    }

    /// Ends the GC heap, to which nothing of the host refers any more, and what a call leaves in the state
    /// that code sees. The values of the host that were there are for the caller to drop.
    #[inline]
    fn clear_references(&mut self) -> Option<HostTable> {
        self.gc.clear();
        let dead = (self.hosts.len() > 0).then(|| self.hosts.take_all());
        let vm = self.vm_store();
        // SAFETY: the store's state is alive, and no code of the store runs.
        unsafe {
            (*vm).fuel = Fuel::NONE;
            (*vm).epoch_deadline = u64::MAX;
            (*vm).stack_top = self.stack.as_ref().map_or(ptr::null_mut(), |stack| stack.base());
            (*vm).store = ptr::null_mut();
            (*vm).pending = None;
            (*vm).exception = 0;
        }
        dead
    }

    /// Drops everything that does not wait to be used again.
    #[cold]
    fn clear_parts(&mut self) -> Option<()> {
        self.memories.clear();
        self.instances.clear();
        self.tables.clear();
        self.globals.clear();
        self.tags.clear();
        Some(())
    }
}
