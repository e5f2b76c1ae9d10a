//! `args_get`, `args_sizes_get`, `environ_get`, `environ_sizes_get`.

use crate::call::Call;
use crate::errno::Errno;
use crate::guest::Guest;

impl Call<'_> {
    pub(crate) fn args_get(&mut self, pointers: u32, buffer: u32) -> Result<(), Errno> {
        write_strings(&mut self.mem, &self.ctx.args, pointers, buffer)
    }

    pub(crate) fn args_sizes_get(&mut self, count: u32, size: u32) -> Result<(), Errno> {
        write_sizes(&mut self.mem, &self.ctx.args, count, size)
    }

    pub(crate) fn environ_get(&mut self, pointers: u32, buffer: u32) -> Result<(), Errno> {
        write_strings(&mut self.mem, &self.ctx.env, pointers, buffer)
    }

    pub(crate) fn environ_sizes_get(&mut self, count: u32, size: u32) -> Result<(), Errno> {
        write_sizes(&mut self.mem, &self.ctx.env, count, size)
    }
}

/// Writes each string and a zero byte to `buffer`, and where each begins to `pointers`.
fn write_strings(
    mem: &mut Guest<'_>,
    strings: &[Vec<u8>],
    mut pointers: u32,
    mut buffer: u32,
) -> Result<(), Errno> {
    for string in strings {
        mem.write_u32(pointers, buffer)?;
        mem.write(buffer, string)?;
        let end = advance(buffer, string.len())?;
        mem.write(end, &[0])?;
        buffer = advance(end, 1)?;
        pointers = advance(pointers, 4)?;
    }
    Ok(())
}

fn write_sizes(mem: &mut Guest<'_>, strings: &[Vec<u8>], count: u32, size: u32) -> Result<(), Errno> {
    let total: usize = strings.iter().map(|string| string.len() + 1).sum();
    let strings = u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?;
    mem.write_u32(count, strings)?;
    mem.write_u32(size, u32::try_from(total).map_err(|_| Errno::Overflow)?)
}

fn advance(ptr: u32, by: usize) -> Result<u32, Errno> {
    u32::try_from(by).ok().and_then(|by| ptr.checked_add(by)).ok_or(Errno::Fault)
}

#[cfg(test)]
mod tests {
    use crate::call::Call;
    use crate::ctx::WasiCtx;
    use crate::errno::Errno;
    use crate::types::Abi;

    #[test]
    fn strings_and_sizes() {
        let mut ctx = WasiCtx::builder().args(&["a", "bcd"]).env("K", "0").env("K", "1").build();
        let mut memory = [0xff; 64];
        let mut call = Call::new(&mut ctx, &mut memory, Abi::Preview1);
        call.args_sizes_get(0, 4).unwrap();
        assert_eq!((call.mem.read_u32(0), call.mem.read_u32(4)), (Ok(2), Ok(6)));
        call.args_get(0, 8).unwrap();
        assert_eq!((call.mem.read_u32(0), call.mem.read_u32(4)), (Ok(8), Ok(10)));
        assert_eq!(call.mem.slice(8, 6), Ok(&b"a\0bcd\0"[..]));
        call.environ_sizes_get(0, 4).unwrap();
        assert_eq!((call.mem.read_u32(0), call.mem.read_u32(4)), (Ok(1), Ok(4)));
        call.environ_get(0, 8).unwrap();
        assert_eq!(call.mem.slice(8, 4), Ok(&b"K=1\0"[..]));
        assert_eq!(call.args_get(0, 60), Err(Errno::Fault));
        assert_eq!(call.args_get(u32::MAX - 3, 0), Err(Errno::Fault));
        assert_eq!(call.args_get(0, u32::MAX), Err(Errno::Fault));
    }
}
