//! Faults that are made on purpose: known ones go on, unknown ones reach who was there
//! before.

use super::*;
use crate::sys::{Mapping, page_size};
use core::sync::atomic::{AtomicUsize, Ordering};

/// The page that the handler makes accessible.
static PAGE: AtomicUsize = AtomicUsize::new(0);
/// How often it did.
static OPENED: AtomicUsize = AtomicUsize::new(0);

/// Makes the test's page accessible, so that the access succeeds when it is made again.
fn open_page(fault: &mut FaultContext) -> bool {
    let page = PAGE.load(Ordering::SeqCst);
    if page == 0 || fault.address() & !(page_size() - 1) != page || fault.signal() != Signal::Segv {
        return false;
    }
    assert!(fault.pc() != 0 && fault.sp() != 0);
    // SAFETY: the page is the test's.
    let opened =
        unsafe { libc::mprotect(page as *mut c_void, page_size(), libc::PROT_READ | libc::PROT_WRITE) };
    OPENED.fetch_add(1, Ordering::SeqCst);
    opened == 0
}

#[test]
fn a_known_fault_goes_on() {
    assert!(set_code_handler(open_page));
    assert!(set_code_handler(open_page), "the same one may be registered again");
    assert!(ensure_alt_stack());
    let mapping = Mapping::reserve(page_size()).unwrap();
    PAGE.store(mapping.base().addr(), Ordering::SeqCst);
    // SAFETY: the page becomes accessible when it is touched.
    unsafe { mapping.base().write_volatile(7) };
    // SAFETY: as above.
    assert_eq!(unsafe { mapping.base().read_volatile() }, 7);
    assert_eq!(OPENED.load(Ordering::SeqCst), 1);
    PAGE.store(0, Ordering::SeqCst);
}

#[test]
fn an_unknown_fault_ends_the_process_as_ever() {
    assert!(set_code_handler(open_page));
    // SAFETY: the child touches nothing but its own address space, and ends.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            let mapping = libc::mmap(
                ptr::null_mut(),
                page_size(),
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANON,
                -1,
                0,
            );
            mapping.cast::<u8>().write_volatile(1);
            libc::_exit(0);
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        status
    };
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSEGV, "{status:#x}");
}

#[test]
fn every_thread_can_have_a_stack_for_signals() {
    let given = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ensure_alt_stack)).collect();
        threads.into_iter().all(|thread| thread.join().unwrap())
    });
    assert!(given);
}

/// Names what a process of its own is to do: there, handlers can be installed before ours.
const CHILD: &str = "DAYFLY_SIGNALS";

/// The page that the host's own handler makes accessible, how often it did, and the action that it found.
static HOST_PAGE: AtomicUsize = AtomicUsize::new(0);
static HOST_OPENED: AtomicUsize = AtomicUsize::new(0);
static FOUND: OnceLock<libc::sigaction> = OnceLock::new();

/// The host's handler: makes its own page accessible, and passes on what is not its own.
unsafe extern "C" fn host_handler(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let page = HOST_PAGE.load(Ordering::SeqCst);
    // SAFETY: the arguments are a signal handler's; the page is the test's; what was found has this signature.
    unsafe {
        if (*info).si_addr().addr() & !(page_size() - 1) == page {
            libc::mprotect(page as *mut c_void, page_size(), libc::PROT_READ | libc::PROT_WRITE);
            HOST_OPENED.fetch_add(1, Ordering::SeqCst);
            return;
        }
        type Action = unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
        let Some(found) = FOUND.get().filter(|found| found.sa_flags & libc::SA_SIGINFO != 0) else {
            libc::_exit(3)
        };
        transmute::<usize, Action>(found.sa_sigaction)(number, info, context);
    }
}

fn install_host_handler() {
    // SAFETY: the handler has the signature that `SA_SIGINFO` asks for.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = host_handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        let mut found = MaybeUninit::<libc::sigaction>::zeroed();
        assert_eq!(libc::sigaction(libc::SIGSEGV, &action, found.as_mut_ptr()), 0);
        FOUND.get_or_init(|| found.assume_init());
    }
}

/// Touches a page that only the host's handler knows and one that only ours does, twice each.
fn touch_both() {
    let mappings: [Mapping; 4] = core::array::from_fn(|_| Mapping::reserve(page_size()).unwrap());
    for (mapping, page) in mappings.iter().zip([&HOST_PAGE, &PAGE, &HOST_PAGE, &PAGE]) {
        page.store(mapping.base().addr(), Ordering::SeqCst);
        // SAFETY: the page becomes accessible when it is touched.
        unsafe { mapping.base().write_volatile(7) };
    }
    assert_eq!((HOST_OPENED.load(Ordering::SeqCst), OPENED.load(Ordering::SeqCst)), (2, 2));
}

fn set_default(signal: c_int, handler: usize) {
    // SAFETY: nothing is called but what the system knows.
    unsafe { libc::signal(signal, handler) };
}

fn child() {
    match &*std::env::var(CHILD).unwrap() {
        "before" => {
            install_host_handler();
            assert!(set_code_handler(open_page));
            touch_both();
        }
        "after" => {
            assert!(set_code_handler(open_page));
            install_host_handler();
            touch_both();
        }
        "sent" => {
            set_default(libc::SIGSEGV, libc::SIG_DFL);
            assert!(set_code_handler(open_page));
            // SAFETY: ends the process.
            unsafe { libc::raise(libc::SIGSEGV) };
        }
        "sent and ignored" => {
            set_default(libc::SIGFPE, libc::SIG_IGN);
            set_default(libc::SIGSEGV, libc::SIG_DFL);
            assert!(set_code_handler(open_page));
            // SAFETY: is ignored.
            unsafe { libc::raise(libc::SIGFPE) };
            let mapping = Mapping::reserve(page_size()).unwrap();
            PAGE.store(mapping.base().addr(), Ordering::SeqCst);
            // SAFETY: the page becomes accessible when it is touched.
            unsafe { mapping.base().write_volatile(7) };
        }
        other => panic!("{other}: there is no such child"),
    }
    println!("went on");
}

/// Handlers of the host, installed before ours and after, and ours each get what is theirs; a signal that was sent
/// is no fault of a guest's, and does what it would do without us.
#[test]
fn handlers_and_signals_of_the_host_are_respected() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let run = |what| {
        use std::os::unix::process::ExitStatusExt;
        let test = "sys::signals::tests::handlers_and_signals_of_the_host_are_respected";
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        let output = command.args(["--exact", test, "--nocapture"]).env(CHILD, what).output().unwrap();
        let went_on = String::from_utf8_lossy(&output.stdout).contains("went on");
        (went_on, output.status.success(), output.status.signal())
    };
    assert_eq!(run("before"), (true, true, None));
    assert_eq!(run("after"), (true, true, None));
    assert_eq!(run("sent"), (false, false, Some(libc::SIGSEGV)));
    assert_eq!(run("sent and ignored"), (true, true, None));
}
