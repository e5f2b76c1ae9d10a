//! The functions as a linker's definitions.
//! Each finds the caller's memory and context, runs the `Call` method of its name, and gives the guest
//! the error number.

use crate::call::Call;
use crate::ctx::WasiCtx;
use crate::errno::Errno;
use crate::proc::{self, I32Exit};
use crate::types::Abi;
use dayfly::{Caller, Extern, Linker};

/// Defines the preview 1 functions in `linker`, as `wasi_snapshot_preview1` and, with the older layouts,
/// as `wasi_unstable`. `access` finds the context in the store's data.
///
/// Guests must export their memory as `memory`; one that does not traps when it calls a function that
/// takes a pointer.
///
/// ```
/// use dayfly::{Engine, Linker};
/// use dayfly_wasi::WasiCtx;
///
/// struct State {
///     wasi: WasiCtx,
///     requests: u32,
/// }
///
/// # fn main() -> dayfly::Result<()> {
/// let mut linker: Linker<State> = Linker::new(&Engine::default());
/// dayfly_wasi::add_to_linker(&mut linker, |state| &mut state.wasi)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If one of the names is defined already and the linker does not allow shadowing.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    access: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> dayfly::Result<()> {
    add_generation(linker, "wasi_unstable", Abi::Unstable, access)?;
    add_generation(linker, "wasi_snapshot_preview1", Abi::Preview1, access)
}

/// Defines functions whose wasm parameters are those of the `Call` method, in its order.
macro_rules! define {
    ($linker:ident, $module:ident, $abi:ident, $access:ident, {
        $($name:ident($($parameter:ident: $type:ty),*);)*
    }) => {
        $($linker.func_wrap(
            $module,
            stringify!($name),
            move |mut caller: Caller<'_, T>, $($parameter: $type),*| -> dayfly::Result<i32> {
                call(&mut caller, $access, $abi, |call| call.$name($($parameter as _),*))
            },
        )?;)*
    };
}

fn add_generation<T: 'static>(
    linker: &mut Linker<T>,
    module: &str,
    abi: Abi,
    access: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> dayfly::Result<()> {
    define!(linker, module, abi, access, {
        args_get(pointers: i32, buffer: i32);
        args_sizes_get(count: i32, size: i32);
        environ_get(pointers: i32, buffer: i32);
        environ_sizes_get(count: i32, size: i32);
        clock_res_get(id: i32, resolution: i32);
        clock_time_get(id: i32, precision: i64, time: i32);
        fd_advise(fd: i32, offset: i64, len: i64, advice: i32);
        fd_allocate(fd: i32, offset: i64, len: i64);
        fd_close(fd: i32);
        fd_datasync(fd: i32);
        fd_fdstat_get(fd: i32, status: i32);
        fd_fdstat_set_flags(fd: i32, flags: i32);
        fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64);
        fd_filestat_get(fd: i32, buffer: i32);
        fd_filestat_set_size(fd: i32, size: i64);
        fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, flags: i32);
        fd_pread(fd: i32, iovs: i32, count: i32, offset: i64, read: i32);
        fd_prestat_get(fd: i32, buffer: i32);
        fd_prestat_dir_name(fd: i32, path: i32, len: i32);
        fd_pwrite(fd: i32, iovs: i32, count: i32, offset: i64, written: i32);
        fd_read(fd: i32, iovs: i32, count: i32, read: i32);
        fd_readdir(fd: i32, buffer: i32, len: i32, cookie: i64, used: i32);
        fd_renumber(from: i32, to: i32);
        fd_seek(fd: i32, offset: i64, whence: i32, position: i32);
        fd_sync(fd: i32);
        fd_tell(fd: i32, position: i32);
        fd_write(fd: i32, iovs: i32, count: i32, written: i32);
        path_create_directory(fd: i32, path: i32, len: i32);
        path_filestat_get(fd: i32, flags: i32, path: i32, len: i32, buffer: i32);
        path_filestat_set_times(
            fd: i32, flags: i32, path: i32, len: i32, atim: i64, mtim: i64, fst_flags: i32
        );
        path_link(
            old_fd: i32, old_flags: i32, old_path: i32, old_len: i32, new_fd: i32, new_path: i32, new_len: i32
        );
        path_open(
            fd: i32, dirflags: i32, path: i32, len: i32, oflags: i32, base: i64, inheriting: i64,
            fdflags: i32, opened: i32
        );
        path_readlink(fd: i32, path: i32, len: i32, buffer: i32, buffer_len: i32, used: i32);
        path_remove_directory(fd: i32, path: i32, len: i32);
        path_rename(fd: i32, old_path: i32, old_len: i32, new_fd: i32, new_path: i32, new_len: i32);
        path_symlink(old_path: i32, old_len: i32, fd: i32, new_path: i32, new_len: i32);
        path_unlink_file(fd: i32, path: i32, len: i32);
        poll_oneoff(subscriptions: i32, events: i32, count: i32, happened: i32);
        random_get(buffer: i32, len: i32);
        sock_accept(fd: i32, flags: i32, accepted: i32);
        sock_recv(fd: i32, iovs: i32, count: i32, flags: i32, received: i32, out_flags: i32);
        sock_send(fd: i32, iovs: i32, count: i32, flags: i32, sent: i32);
        sock_shutdown(fd: i32, how: i32);
    });
    add_without_memory(linker, module)
}

/// The functions that take no pointer, for guests without a memory.
fn add_without_memory<T: 'static>(linker: &mut Linker<T>, module: &str) -> dayfly::Result<()> {
    linker.func_wrap(module, "proc_exit", |code: i32| -> dayfly::Result<()> { Err(I32Exit(code).into()) })?;
    linker.func_wrap(module, "proc_raise", |signal: i32| -> dayfly::Result<i32> {
        Ok(proc::raise(signal as u32)? as i32)
    })?;
    linker.func_wrap(module, "sched_yield", || -> i32 {
        proc::sched_yield();
        Errno::Success as i32
    })?;
    Ok(())
}

fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    access: impl Fn(&mut T) -> &mut WasiCtx,
    abi: Abi,
    function: impl Fn(&mut Call<'_>) -> Result<(), Errno>,
) -> dayfly::Result<i32> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return Err(no_memory()) };
    loop {
        let mut deadline = std::mem::take(&mut access(caller.data_mut()).interrupt.deadline);
        caller.update_deadline(&mut deadline);
        let (bytes, data) = memory.view_and_store_mut(&mut *caller);
        let ctx = access(data);
        ctx.interrupt.deadline = deadline;
        let mut call = Call::new(ctx, bytes, abi);
        let result = function(&mut call);
        let moved = call.mem.moved();
        let interrupted = result == Err(Errno::Intr) && ctx.interrupt.deadline.is_reached();
        caller.burn_fuel(moved / BYTES_PER_FUEL)?;
        if !interrupted {
            return Ok(result.map_or_else(|errno| errno, |()| Errno::Success) as i32);
        }
        // The guest is stopped, or the call is made again.
        if let Err(end) = caller.check_deadline() {
            access(caller.data_mut()).interrupt.take_progress();
            return Err(end);
        }
    }
}

/// Bytes that a call moves for one unit of fuel, besides what calling costs.
const BYTES_PER_FUEL: u64 = 64;

#[cold]
fn no_memory() -> dayfly::Error {
    dayfly::Error::msg("a module that calls WASI functions must export its memory as \"memory\"")
}
