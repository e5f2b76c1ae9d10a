//! Clocks, and `clock_res_get` and `clock_time_get`.
//! The two clocks are traits so that a host can make time deterministic; the clocks of processor time
//! are not given: they would tell the guest about its host.

use crate::call::Call;
use crate::errno::Errno;
use rustix::time::{ClockId, clock_getres};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that tells the time of day.
pub trait WallClock: Send {
    /// The smallest step of the clock; not zero.
    fn resolution(&self) -> Duration;

    /// Time since the beginning of 1970, UTC.
    fn now(&self) -> Duration;
}

/// A clock that measures intervals; it never goes back.
pub trait MonotonicClock: Send {
    /// The smallest step of the clock; not zero.
    fn resolution(&self) -> Duration;

    /// Time since a moment of the clock's own choice.
    fn now(&self) -> Duration;
}

/// The host's time of day.
pub(crate) struct HostWallClock;

impl WallClock for HostWallClock {
    fn resolution(&self) -> Duration {
        host_resolution(ClockId::Realtime)
    }

    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// The host's interval clock, from zero at its making: when the host was started is not the guest's
/// business.
pub(crate) struct HostMonotonicClock {
    start: Instant,
}

impl Default for HostMonotonicClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl MonotonicClock for HostMonotonicClock {
    fn resolution(&self) -> Duration {
        host_resolution(ClockId::Monotonic)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

pub(crate) const REALTIME: u32 = 0;
pub(crate) const MONOTONIC: u32 = 1;

impl Call<'_> {
    pub(crate) fn clock_res_get(&mut self, id: u32, resolution: u32) -> Result<(), Errno> {
        let value = match id {
            REALTIME => self.ctx.wall_clock.resolution(),
            MONOTONIC => self.ctx.monotonic_clock.resolution(),
            _ => return Err(Errno::Inval),
        };
        self.mem.write_u64(resolution, nanoseconds(value)?)
    }

    pub(crate) fn clock_time_get(&mut self, id: u32, _precision: u64, time: u32) -> Result<(), Errno> {
        let now = self.now(id)?;
        self.mem.write_u64(time, nanoseconds(now)?)
    }

    /// The time of clock `id`; one that is not provided is `Inval`.
    pub(crate) fn now(&self, id: u32) -> Result<Duration, Errno> {
        match id {
            REALTIME => Ok(self.ctx.wall_clock.now()),
            MONOTONIC => Ok(self.ctx.monotonic_clock.now()),
            _ => Err(Errno::Inval),
        }
    }
}

fn nanoseconds(time: Duration) -> Result<u64, Errno> {
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

fn host_resolution(id: ClockId) -> Duration {
    Duration::try_from(clock_getres(id)).unwrap_or(Duration::from_nanos(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctx::WasiCtx;
    use crate::types::Abi;

    struct Fixed(u64);

    impl WallClock for Fixed {
        fn resolution(&self) -> Duration {
            Duration::from_secs(1)
        }

        fn now(&self) -> Duration {
            Duration::from_secs(self.0)
        }
    }

    #[test]
    fn clocks_can_be_replaced() {
        let mut ctx = WasiCtx::builder().wall_clock(Fixed(7)).build();
        let mut memory = [0; 8];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        call.clock_time_get(REALTIME, 0, 0).unwrap();
        assert_eq!(call.mem.read_u64(0), Ok(7_000_000_000));
        call.clock_res_get(REALTIME, 0).unwrap();
        assert_eq!(call.mem.read_u64(0), Ok(1_000_000_000));
        assert_eq!(call.clock_time_get(MONOTONIC, 0, 1), Err(Errno::Fault));
    }

    #[test]
    fn host_clocks_advance_and_others_are_refused() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 8];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        let before = call.now(MONOTONIC).unwrap();
        assert!(call.now(MONOTONIC).unwrap() >= before);
        assert!(call.now(REALTIME).unwrap() > Duration::from_secs(1_600_000_000));
        call.clock_res_get(MONOTONIC, 0).unwrap();
        assert_ne!(call.mem.read_u64(0), Ok(0));
        for id in 2..5 {
            assert_eq!(call.clock_res_get(id, 0), Err(Errno::Inval));
            assert_eq!(call.clock_time_get(id, 0, 0), Err(Errno::Inval));
        }
    }

    #[test]
    fn time_past_the_format_is_an_error() {
        let mut ctx = WasiCtx::builder().wall_clock(Fixed(u64::MAX)).build();
        let mut memory = [0; 8];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        assert_eq!(call.clock_time_get(REALTIME, 0, 0), Err(Errno::Overflow));
    }
}
