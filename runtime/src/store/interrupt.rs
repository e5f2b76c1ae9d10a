//! Fuel and epochs: how a host bounds what its guests run.

use super::StoreOpaque;
use crate::fault::{Fault, HostError};
use crate::trap::Trap;
use crate::vm::Fuel;
use core::fmt;
use core::sync::atomic::Ordering;

/// Called when the epoch deadline is reached.
pub type EpochCallback = Box<dyn FnMut(&mut StoreOpaque) -> EpochAction + Send + Sync>;

/// What happens when the epoch deadline is reached.
#[derive(Debug)]
pub enum EpochAction {
    /// The guest goes on for so many ticks.
    Continue(u64),
    /// The guest is stopped by `Trap::Interrupt`.
    Trap,
    /// The guest is stopped by an error of the host.
    Fail(HostError),
}

/// Fuel was read or set in an engine that does not count it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FuelDisabled;

impl fmt::Display for FuelDisabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fuel is not counted by this engine: set `fuel` in its configuration")
    }
}

impl core::error::Error for FuelDisabled {}

impl StoreOpaque {
    /// Sets how much fuel is left. A new store has none.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), FuelDisabled> {
        self.fuel_counted()?;
        // SAFETY: the block is alive as long as the store, and only this thread uses it.
        unsafe { (*self.vm_store()).fuel = Fuel::with_left(fuel) };
        Ok(())
    }

    /// How much fuel is left.
    pub fn fuel(&self) -> Result<u64, FuelDisabled> {
        self.fuel_counted()?;
        // SAFETY: as in `set_fuel`.
        Ok(unsafe { (*self.vm_store()).fuel }.left())
    }

    /// Takes from the fuel, if it is counted, for work that the host does for a guest.
    pub(crate) fn burn_fuel(&mut self, units: u64) -> Result<(), Trap> {
        if !self.shared.config().fuel {
            return Ok(());
        }
        // SAFETY: as in `set_fuel`.
        match unsafe { (*self.vm_store()).fuel.burn(units) } {
            true => Ok(()),
            false => Err(Trap::OutOfFuel),
        }
    }

    fn fuel_counted(&self) -> Result<(), FuelDisabled> {
        if self.shared.config().fuel { Ok(()) } else { Err(FuelDisabled) }
    }

    /// Sets the deadline, counted from the engine's present epoch. Without one guests run on.
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        let now = self.shared.epoch().load(Ordering::Relaxed);
        // SAFETY: as in `set_fuel`.
        unsafe { (*self.vm_store()).epoch_deadline = now.saturating_add(ticks_beyond_current) };
        self.renew_watch();
    }

    /// Sets what is called when the deadline is reached; without it guests trap.
    pub fn set_epoch_callback(&mut self, callback: Option<EpochCallback>) {
        self.epoch_callback = callback;
    }

    /// The deadline, if the engine's guests have one.
    pub(crate) fn epoch_deadline(&self) -> Option<u64> {
        // SAFETY: as in `set_fuel`.
        self.shared.config().epoch_interruption.then(|| unsafe { (*self.vm_store()).epoch_deadline })
    }

    /// Does what code does at a loop: ends the call if the deadline has come and is not moved.
    pub(crate) fn check_epoch(&mut self) -> Result<(), Fault> {
        match self.epoch_deadline() {
            Some(deadline) if self.shared.epoch().load(Ordering::Relaxed) >= deadline => self.epoch_reached(),
            _ => Ok(()),
        }
    }

    /// As `check_epoch`, after the store's watch said that the deadline may have come.
    pub(crate) fn watch_reached(&mut self) -> Result<(), Fault> {
        self.renew_watch();
        self.check_epoch()
    }

    /// Asks the callback how to go on, and moves the deadline if it says so.
    pub(crate) fn epoch_reached(&mut self) -> Result<(), Fault> {
        let Some(mut callback) = self.epoch_callback.take() else {
            return Err(Trap::Interrupt.into());
        };
        let scope = self.enter_scope();
        let action = callback(self);
        self.exit_scope(scope);
        // The callback may have set another one meanwhile.
        self.epoch_callback.get_or_insert(callback);
        match action {
            EpochAction::Continue(ticks) => {
                self.set_epoch_deadline(ticks);
                Ok(())
            }
            EpochAction::Trap => Err(Trap::Interrupt.into()),
            EpochAction::Fail(error) => Err(Fault::Host(error)),
        }
    }
}
