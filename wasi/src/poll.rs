//! `poll_oneoff`: waiting for clocks and descriptors.
//! Waits are cut into slices so that the host can end them. How long a clock's subscription takes is
//! settled once, from that clock, and then measured by the host's.

use crate::call::Call;
use crate::ctx::Progress;
use crate::errno::Errno;
use crate::guest::Guest;
use crate::table::Object;
use crate::types::{Abi, Rights};
use crate::wait::{SLICE, ready};
use rustix::event::{PollFd, PollFlags};
use rustix::io::ioctl_fionread;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// How many subscriptions one call may have.
const MAX_SUBSCRIPTIONS: u32 = 1024;
const EVENT_SIZE: u32 = 32;

#[derive(Clone, Copy)]
struct Subscription {
    userdata: u64,
    awaited: Awaited,
}

#[derive(Clone, Copy)]
enum Awaited {
    Clock { id: u32, timeout: Duration, absolute: bool },
    Read(u32),
    Write(u32),
}

/// What is reported to the guest of one subscription.
struct Event {
    subscription: Subscription,
    errno: Errno,
    /// How much can be read, as far as that is known.
    bytes: u64,
    hangup: bool,
}

impl Call<'_> {
    pub(crate) fn poll_oneoff(
        &mut self,
        subscriptions: u32,
        events: u32,
        count: u32,
        happened: u32,
    ) -> Result<(), Errno> {
        if count == 0 || count > MAX_SUBSCRIPTIONS {
            return Err(Errno::Inval);
        }
        self.mem.check(happened, 4)?;
        self.mem.check(events, count * EVENT_SIZE)?;
        let subscriptions = decode(&self.mem, self.abi, subscriptions, count)?;
        // A wait that the deadline interrupted is taken up where it was.
        let start = match self.ctx.interrupt.take_progress() {
            Some(Progress::Waiting(since)) => since,
            _ => Instant::now(),
        };
        let reports = match self.wait(&subscriptions, start) {
            Err(Errno::Intr) => Err(self.ctx.interrupt.stopped(Progress::Waiting(start))),
            reports => reports,
        }?;
        for (index, event) in reports.iter().enumerate() {
            self.mem.write(events + index as u32 * EVENT_SIZE, &event.encode())?;
        }
        self.mem.write_u32(happened, reports.len() as u32)
    }

    /// Waits until at least one subscription has something to report.
    fn wait(&self, subscriptions: &[Subscription], start: Instant) -> Result<Vec<Event>, Errno> {
        let mut events = Vec::new();
        let mut timers: Vec<(Subscription, Duration)> = Vec::new();
        let mut watched = Vec::new();
        let mut fds = Vec::new();
        for &subscription in subscriptions {
            match subscription.awaited {
                Awaited::Clock { id, timeout, absolute } => match self.now(id) {
                    Ok(now) if absolute => {
                        timers.push((subscription, timeout.saturating_sub(now) + start.elapsed()));
                    }
                    Ok(_) => timers.push((subscription, timeout)),
                    Err(errno) => events.push(Event::failed(subscription, errno)),
                },
                Awaited::Read(fd) | Awaited::Write(fd) => match self.watch(fd, subscription.awaited) {
                    Ok(Some(host)) => {
                        watched.push(subscription);
                        fds.push(PollFd::from_borrowed_fd(host, subscription.awaited.poll_flags()));
                    }
                    Ok(None) => events.push(Event::ready(subscription, 1)),
                    Err(errno) => events.push(Event::failed(subscription, errno)),
                },
            }
        }
        loop {
            let until = timers.iter().map(|(_, after)| after.saturating_sub(start.elapsed())).min();
            let slice = if events.is_empty() { until.unwrap_or(SLICE).min(SLICE) } else { Duration::ZERO };
            if fds.is_empty() {
                std::thread::sleep(slice);
            } else if ready(&mut fds, slice)? {
                let reported = watched.iter().zip(&fds).filter_map(|(&one, fd)| Event::of_watch(one, fd));
                events.extend(reported);
            }
            let elapsed = start.elapsed();
            let due = timers.iter().filter(|(_, after)| *after <= elapsed);
            events.extend(due.map(|&(subscription, _)| Event::ready(subscription, 0)));
            if !events.is_empty() {
                return Ok(events);
            }
            if self.ctx.interrupted() {
                return Err(Errno::Intr);
            }
        }
    }

    /// The host's descriptor to watch for `fd`, or `None` if it is always ready.
    fn watch(&self, fd: u32, awaited: Awaited) -> Result<Option<BorrowedFd<'_>>, Errno> {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.require(Rights::POLL_FD_READWRITE)?;
        let either = match awaited {
            Awaited::Write(_) => Rights::FD_WRITE,
            _ => Rights::FD_READ | Rights::SOCK_ACCEPT,
        };
        if !descriptor.base.intersects(either) {
            return Err(Errno::Notcapable);
        }
        Ok(match &descriptor.object {
            Object::Input(input) => input.poll_fd(),
            Object::Output(output) => output.poll_fd(),
            Object::File(file) => Some(file.file.as_fd()),
            Object::Dir(dir) => Some(dir.dir.as_fd()),
            Object::Listener(listener) => Some(listener.as_fd()),
            Object::Socket(socket) => Some(socket.as_fd()),
        })
    }
}

impl Awaited {
    fn poll_flags(self) -> PollFlags {
        if let Self::Write(_) = self { PollFlags::OUT } else { PollFlags::IN }
    }

    /// The specification's event type.
    fn tag(self) -> u8 {
        match self {
            Self::Clock { .. } => 0,
            Self::Read(_) => 1,
            Self::Write(_) => 2,
        }
    }
}

impl Event {
    fn ready(subscription: Subscription, bytes: u64) -> Self {
        Self { subscription, errno: Errno::Success, bytes, hangup: false }
    }

    fn failed(subscription: Subscription, errno: Errno) -> Self {
        Self { subscription, errno, bytes: 0, hangup: false }
    }

    /// What the host says of a watched descriptor; nothing if it is not ready. An error state counts as
    /// ready: the guest's next operation tells which.
    fn of_watch(subscription: Subscription, fd: &PollFd<'_>) -> Option<Self> {
        let state = fd.revents();
        if state.is_empty() {
            return None;
        }
        if state.contains(PollFlags::NVAL) {
            return Some(Self::failed(subscription, Errno::Badf));
        }
        let bytes = match subscription.awaited {
            Awaited::Read(_) => ioctl_fionread(fd).unwrap_or(1),
            _ => 0,
        };
        Some(Self { hangup: state.contains(PollFlags::HUP), ..Self::ready(subscription, bytes) })
    }

    fn encode(&self) -> [u8; EVENT_SIZE as usize] {
        let mut record = [0; EVENT_SIZE as usize];
        record[0..8].copy_from_slice(&self.subscription.userdata.to_le_bytes());
        record[8..10].copy_from_slice(&(self.errno as u16).to_le_bytes());
        record[10] = self.subscription.awaited.tag();
        record[16..24].copy_from_slice(&self.bytes.to_le_bytes());
        record[24] = self.hangup.into();
        record
    }
}

/// Reads all subscriptions before any event is written: the two arrays may overlap.
fn decode(mem: &Guest<'_>, abi: Abi, base: u32, count: u32) -> Result<Vec<Subscription>, Errno> {
    // In the older generation a clock's part begins with an identifier.
    let (size, clock) = match abi {
        Abi::Unstable => (56, 24),
        Abi::Preview1 => (48, 16),
    };
    mem.check(base, count * size)?;
    (0..count)
        .map(|index| {
            let at = base + index * size;
            let awaited = match mem.read_u8(at + 8)? {
                0 => Awaited::Clock {
                    id: mem.read_u32(at + clock)?,
                    timeout: Duration::from_nanos(mem.read_u64(at + clock + 8)?),
                    absolute: match mem.read_u16(at + clock + 24)? {
                        0 => false,
                        1 => true,
                        _ => return Err(Errno::Inval),
                    },
                },
                1 => Awaited::Read(mem.read_u32(at + 16)?),
                2 => Awaited::Write(mem.read_u32(at + 16)?),
                _ => return Err(Errno::Inval),
            };
            Ok(Subscription { userdata: mem.read_u64(at)?, awaited })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{MONOTONIC, REALTIME};
    use crate::ctx::WasiCtx;
    use crate::stream::{MemoryInput, MemoryOutput};
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::OwnedFd;

    /// Subscriptions are laid from 0, events at 512, their number at 1020.
    fn lay(call: &mut Call<'_>, index: u32, tag: u8, fields: &[(u32, u64)]) {
        let at = index * 48;
        call.mem.write(at, &[0; 48]).unwrap();
        call.mem.write_u64(at, 100 + u64::from(index)).unwrap();
        call.mem.write(at + 8, &[tag]).unwrap();
        for (offset, value) in fields {
            call.mem.write_u64(at + offset, *value).unwrap();
        }
    }

    /// Userdata, error number and type of each event.
    fn events(call: &Call<'_>) -> Vec<(u64, u16, u8)> {
        let count = call.mem.read_u32(1020).unwrap();
        (0..count)
            .map(|index| {
                let at = 512 + index * 32;
                let mem = &call.mem;
                (mem.read_u64(at).unwrap(), mem.read_u16(at + 8).unwrap(), mem.read_u8(at + 10).unwrap())
            })
            .collect()
    }

    #[test]
    fn relative_and_absolute_times() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        let start = Instant::now();
        lay(&mut call, 0, 0, &[(16, MONOTONIC.into()), (24, 60_000_000)]);
        lay(&mut call, 1, 0, &[(16, REALTIME.into()), (24, 10_000_000_000)]);
        call.poll_oneoff(0, 512, 2, 1020).unwrap();
        assert_eq!(events(&call), [(100, 0, 0)]);
        assert!(start.elapsed() >= Duration::from_millis(60));

        let past = call.now(REALTIME).unwrap() - Duration::from_secs(1);
        lay(&mut call, 0, 0, &[(16, REALTIME.into()), (24, past.as_nanos() as u64), (40, 1)]);
        lay(&mut call, 1, 0, &[(16, MONOTONIC.into()), (24, u64::MAX), (40, 1)]);
        call.poll_oneoff(0, 512, 2, 1020).unwrap();
        assert_eq!(events(&call), [(100, 0, 0)]);
    }

    #[test]
    fn streams_in_memory_are_ready() {
        let mut builder = WasiCtx::builder();
        let mut ctx = builder.stdin(MemoryInput::new("x")).stdout(MemoryOutput::new(1)).build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, 0, 1, &[(16, 0)]);
        lay(&mut call, 1, 2, &[(16, 1)]);
        lay(&mut call, 2, 1, &[(16, 1)]);
        lay(&mut call, 3, 1, &[(16, 77)]);
        lay(&mut call, 4, 0, &[(16, 9)]);
        lay(&mut call, 5, 0, &[(16, MONOTONIC.into()), (24, u64::MAX)]);
        call.poll_oneoff(0, 512, 6, 1020).unwrap();
        let notcapable = Errno::Notcapable as u16;
        let expected =
            [(100, 0, 1), (101, 0, 2), (102, notcapable, 1), (103, Errno::Badf as u16, 1), (104, 28, 0)];
        assert_eq!(events(&call), expected);
    }

    #[test]
    fn a_pipe_becomes_ready_and_hangs_up() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut ctx = WasiCtx::builder().stdin(File::from(OwnedFd::from(reader))).build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, 0, 1, &[(16, 0)]);
        lay(&mut call, 1, 0, &[(16, MONOTONIC.into()), (24, 1_000_000)]);
        call.poll_oneoff(0, 512, 2, 1020).unwrap();
        assert_eq!(events(&call), [(101, 0, 0)]);

        writer.write_all(b"abc").unwrap();
        drop(writer);
        call.poll_oneoff(0, 512, 1, 1020).unwrap();
        assert_eq!(events(&call), [(100, 0, 1)]);
        assert_eq!((call.mem.read_u64(512 + 16), call.mem.read_u8(512 + 24)), (Ok(3), Ok(1)));
    }

    #[test]
    fn hostile_arguments() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        assert_eq!(call.poll_oneoff(0, 512, 0, 1020), Err(Errno::Inval));
        assert_eq!(call.poll_oneoff(0, 512, u32::MAX, 1020), Err(Errno::Inval));
        assert_eq!(call.poll_oneoff(0, 512, 1000, 1020), Err(Errno::Fault));
        assert_eq!(call.poll_oneoff(1000, 512, 1, 1020), Err(Errno::Fault));
        assert_eq!(call.poll_oneoff(0, 1000, 1, 1020), Err(Errno::Fault));
        assert_eq!(call.poll_oneoff(0, 512, 1, 1021), Err(Errno::Fault));
        lay(&mut call, 0, 3, &[]);
        assert_eq!(call.poll_oneoff(0, 512, 1, 1020), Err(Errno::Inval));
        lay(&mut call, 0, 0, &[(40, 2)]);
        assert_eq!(call.poll_oneoff(0, 512, 1, 1020), Err(Errno::Inval));
        // Events over subscriptions.
        lay(&mut call, 0, 2, &[(16, 1)]);
        lay(&mut call, 1, 2, &[(16, 2)]);
        assert_eq!(call.poll_oneoff(0, 0, 2, 1020), Ok(()));
        assert_eq!((call.mem.read_u64(0), call.mem.read_u64(32)), (Ok(100), Ok(101)));
    }

    #[test]
    fn a_long_wait_is_interrupted() {
        let start = Instant::now();
        let hook = move || start.elapsed() > Duration::from_millis(20);
        let mut ctx = WasiCtx::builder().interrupt_hook(hook).build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        lay(&mut call, 0, 0, &[(16, MONOTONIC.into()), (24, u64::MAX)]);
        assert_eq!(call.poll_oneoff(0, 512, 1, 1020), Err(Errno::Intr));
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn the_older_layout() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 1024];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Unstable);
        call.mem.write_u64(0, 5).unwrap();
        call.mem.write_u32(24, MONOTONIC).unwrap();
        call.mem.write_u64(32, 1).unwrap();
        call.mem.write_u64(56, 6).unwrap();
        call.mem.write(56 + 8, &[1]).unwrap();
        call.mem.write_u32(56 + 16, 0).unwrap();
        call.poll_oneoff(0, 512, 2, 1020).unwrap();
        assert_eq!(events(&call)[0], (6, 0, 1));
    }
}
