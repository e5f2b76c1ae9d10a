//! Randomness, and `random_get`.

use crate::call::Call;
use crate::ctx::Progress;
use crate::errno::Errno;
use std::io;

/// A source of random bytes; replace the host's to make a guest deterministic.
pub trait RandomSource: Send {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// If there is no randomness to be had; the guest sees it as an error number.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()>;
}

/// The operating system's randomness.
pub(crate) struct HostRandom;

impl RandomSource for HostRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        Ok(getrandom::fill(buffer)?)
    }
}

/// Between two questions whether the host wants its thread back.
const CHUNK: u32 = 1 << 20;

impl Call<'_> {
    /// On an error part of the buffer may have been filled.
    pub(crate) fn random_get(&mut self, buffer: u32, len: u32) -> Result<(), Errno> {
        self.mem.check(buffer, len)?;
        let mut done = self.ctx.interrupt.take_given();
        while done < len {
            if self.ctx.interrupt.requested() {
                return Err(self.ctx.interrupt.stopped(Progress::Given(done)));
            }
            let chunk = (len - done).min(CHUNK);
            self.ctx.random.fill(self.mem.system_slice(buffer + done, chunk)?)?;
            self.mem.count_moved(chunk.into());
            done += chunk;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctx::WasiCtx;
    use crate::types::Abi;

    struct Counter(u8);

    impl RandomSource for Counter {
        fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
            for byte in buffer {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn fills_exactly_what_was_asked() {
        let mut ctx = WasiCtx::builder().random(Counter(1)).build();
        let mut memory = [0; 6];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        assert_eq!(call.random_get(1, 3), Ok(()));
        assert_eq!(call.random_get(0, 0), Ok(()));
        assert_eq!(call.random_get(4, 3), Err(Errno::Fault));
        assert_eq!(memory, [0, 1, 2, 3, 0, 0]);
    }

    #[test]
    fn host_randomness_differs() {
        let mut ctx = WasiCtx::builder().build();
        let mut memory = [0; 64];
        Call::new(&mut ctx, &mut memory, Abi::Preview1).random_get(0, 64).unwrap();
        assert_ne!(memory[..32], memory[32..]);
    }
}
