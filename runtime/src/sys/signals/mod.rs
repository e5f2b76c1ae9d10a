//! Faults of memory access and arithmetic as the system reports them: one handler for
//! the process, installed once and for good, which asks those who may know a fault and
//! passes on what nobody knows to whoever was there before.
//! Invariant: what runs in the handler takes no lock, allocates nothing, leaves `errno` as it
//! was, and reads of thread-local variables only those that need no making and that the
//! faulting thread has used before.

mod alt_stack;
mod registers;

pub use alt_stack::ensure_alt_stack;

use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, transmute};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};
use std::sync::OnceLock;

/// Asked whether it knows a fault. If so it has set the registers with which the thread
/// goes on, or removed the cause so that the access can be made again, and returns true.
/// It is called in a signal handler, on the thread that faulted, by many threads at once.
pub type FaultHandler = fn(&mut FaultContext) -> bool;

/// A fault: where it happened, and the registers of the thread.
#[derive(Debug)]
pub struct FaultContext {
    signal: Signal,
    address: usize,
    context: *mut libc::ucontext_t,
}

/// What kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// `SIGSEGV`: memory that is not there or may not be accessed so.
    Segv,
    /// `SIGBUS`: memory behind which there is nothing; on macOS, what `SIGSEGV` is elsewhere.
    Bus,
    /// `SIGILL`: an instruction that does not exist, such as one that stands for a trap.
    Ill,
    /// `SIGFPE`: integer division.
    Fpe,
}

impl FaultContext {
    /// The kind of fault.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// The address that was accessed; for `Ill` and `Fpe`, that of the instruction.
    /// Zero where the processor does not tell, as for addresses that are not canonical.
    pub fn address(&self) -> usize {
        self.address
    }

    /// The address of the instruction that faulted.
    pub fn pc(&self) -> usize {
        // SAFETY: the system's, valid in the handler.
        unsafe { registers::pc(self.context).read() as usize }
    }

    /// The stack pointer.
    pub fn sp(&self) -> usize {
        // SAFETY: as in `pc`.
        unsafe { registers::sp(self.context).read() as usize }
    }

    /// The frame pointer: `rbp`, `x29`.
    pub fn fp(&self) -> usize {
        // SAFETY: as in `pc`.
        unsafe { registers::fp(self.context).read() as usize }
    }

    /// Where the thread goes on.
    ///
    /// # Safety
    /// There is code which expects to be entered with the registers as they then are.
    pub unsafe fn set_pc(&mut self, pc: usize) {
        // SAFETY: as in `pc`; the caller answers for what follows.
        unsafe { registers::pc(self.context).write(pc as _) }
    }

    /// Sets the stack pointer.
    ///
    /// # Safety
    /// As `set_pc`.
    pub unsafe fn set_sp(&mut self, sp: usize) {
        // SAFETY: as in `set_pc`.
        unsafe { registers::sp(self.context).write(sp as _) }
    }

    /// Sets the frame pointer.
    ///
    /// # Safety
    /// As `set_pc`.
    pub unsafe fn set_fp(&mut self, fp: usize) {
        // SAFETY: as in `set_pc`.
        unsafe { registers::fp(self.context).write(fp as _) }
    }

    /// Sets the registers that hold the first two results of a C function: `rax` and
    /// `rdx`, `x0` and `x1`.
    ///
    /// # Safety
    /// As `set_pc`.
    pub unsafe fn set_results(&mut self, results: [u64; 2]) {
        // SAFETY: as in `set_pc`.
        unsafe {
            let [first, second] = registers::results(self.context);
            first.write(results[0] as _);
            second.write(results[1] as _);
        }
    }
}

/// Those that are asked, in this order: first who protects memory to learn of its first
/// change, then who makes machine code.
static HANDLERS: [AtomicPtr<c_void>; 2] = [const { AtomicPtr::new(ptr::null_mut()) }; 2];

/// The signals, and what the process did before at each.
const SIGNALS: [(c_int, Signal); 4] = [
    (libc::SIGSEGV, Signal::Segv),
    (libc::SIGBUS, Signal::Bus),
    (libc::SIGILL, Signal::Ill),
    (libc::SIGFPE, Signal::Fpe),
];

static BEFORE: OnceLock<[libc::sigaction; 4]> = OnceLock::new();

/// Makes a handler the one that is asked about faults in machine code, from now on and
/// for the whole process, and sees to it that faults are handled. A second registration
/// must be of the same handler.
///
/// Returns false where the system does not let signals be handled.
///
/// # Panics
/// If another handler was registered.
pub fn set_code_handler(handler: FaultHandler) -> bool {
    register(1, handler)
}

/// As `set_code_handler`, for faults on memory that is protected to learn of changes; asked first.
pub fn set_memory_handler(handler: FaultHandler) -> bool {
    register(0, handler)
}

fn register(place: usize, handler: FaultHandler) -> bool {
    let new = handler as *mut c_void;
    let old = HANDLERS[place].compare_exchange(ptr::null_mut(), new, Ordering::SeqCst, Ordering::SeqCst);
    assert!(old.is_ok() || old == Err(new), "a process has one handler for faults of each kind");
    install()
}

/// Installs the handler, once; false if the system refuses.
fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let mut before = [MaybeUninit::<libc::sigaction>::zeroed(); 4];
        for ((signal, _), before) in SIGNALS.iter().zip(&mut before) {
            // SAFETY: only asks what is installed.
            if unsafe { libc::sigaction(*signal, ptr::null(), before.as_mut_ptr()) } != 0 {
                return false;
            }
        }
        // SAFETY: the system filled all of them; they are known before the first signal comes.
        BEFORE.get_or_init(|| before.map(|before| unsafe { before.assume_init() }));
        SIGNALS.iter().all(|(signal, _)| {
            // SAFETY: the handler has the signature that `SA_SIGINFO` asks for.
            unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                action.sa_sigaction = on_signal as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(*signal, &action, ptr::null_mut()) == 0
            }
        })
    })
}

unsafe extern "C" fn on_signal(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: `errno` is the thread's own; the system passes valid pointers.
    unsafe {
        let errno = registers::errno();
        let saved = errno.read();
        if !is_known(number, info, context) {
            pass_on(number, info, context);
        }
        errno.write(saved);
    }
}

/// # Safety
/// The arguments are those of a signal handler.
unsafe fn is_known(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) -> bool {
    let Some((_, signal)) = SIGNALS.iter().find(|(n, _)| *n == number) else { return false };
    // SAFETY: the caller's promise.
    if unsafe { is_sent(info) } {
        return false;
    }
    // SAFETY: the signals of `SIGNALS` come with an address.
    let address = unsafe { (*info).si_addr() }.addr();
    let mut fault = FaultContext { signal: *signal, address, context: context.cast() };
    HANDLERS.iter().any(|handler| {
        let handler = handler.load(Ordering::Acquire);
        // SAFETY: only `register` writes here, what it is given as a `FaultHandler`.
        !handler.is_null() && unsafe { transmute::<*mut c_void, FaultHandler>(handler) }(&mut fault)
    })
}

/// Whether a process has sent the signal, so that it says nothing of what the thread was doing.
///
/// # Safety
/// `info` is a signal handler's.
unsafe fn is_sent(info: *mut libc::siginfo_t) -> bool {
    // SAFETY: the caller's promise. On Linux the codes of faults are above zero.
    cfg!(target_os = "linux") && unsafe { (*info).si_code } <= 0
}

/// Does what would have been done without us.
///
/// # Safety
/// As `is_known`.
#[cold]
unsafe fn pass_on(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let at = SIGNALS.iter().position(|(n, _)| *n == number);
    let Some(before) = BEFORE.get().zip(at).map(|(before, at)| &before[at]) else { return };
    // SAFETY: the actions are those that the system had for this signal.
    unsafe {
        match before.sa_sigaction {
            libc::SIG_IGN if is_sent(info) => {}
            // Ignoring a fault would repeat it for ever; the system does not do it either.
            // The instruction faults again when the handler returns, and ends the process.
            libc::SIG_DFL | libc::SIG_IGN => {
                let mut default: libc::sigaction = MaybeUninit::zeroed().assume_init();
                default.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(number, &default, ptr::null_mut());
                if is_sent(info) {
                    libc::raise(number);
                }
            }
            handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
                type Action = unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
                transmute::<usize, Action>(handler)(number, info, context);
            }
            handler => transmute::<usize, unsafe extern "C" fn(c_int)>(handler)(number),
        }
    }
}

#[cfg(test)]
mod tests;
