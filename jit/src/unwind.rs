//! The frames of compiled code: who walks them, and where failures go on. Frames are found by frame
//! pointers, and what is known of them by their return addresses.

use crate::activation::{JitActivation, Resume, TrapRecord};
use crate::code::MachineCode;
use crate::compile::output::Handler;
use crate::registry;
use core::ptr;
use dayfly_parser::{FuncIdx, TagIdx};
use dayfly_runtime::builtins;
use dayfly_runtime::fault::{Failure, FailureFrame, Fault};
use dayfly_runtime::store::InstanceId;
use dayfly_runtime::vm::{Activation, Frame, Slot, Vm, VmStore, VmTag, field};

/// A frame of compiled code that has called something.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The return address of the call.
    pc: usize,
    /// The frame pointer.
    fp: usize,
}

/// The compiled frames of an activation that is called out, innermost first.
struct Places {
    /// The entry's frame, when there is no other left.
    next: Place,
    act: *const JitActivation,
}

impl Places {
    /// # Safety
    /// The activation's code is called out.
    unsafe fn of(act: *const JitActivation) -> Places {
        // SAFETY: the activation is alive, and who called out has noted its frame. The call has put its return address
        // below that, where it stands until the call returns.
        let next = unsafe {
            let returns_to = ((*act).exit_sp as *const usize).sub(1);
            Place { fp: (*act).exit_fp, pc: returns_to.read() }
        };
        Places { next, act }
    }

    /// The frame of the entry.
    fn entry(mut self) -> Place {
        self.by_ref().for_each(drop);
        self.next
    }
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let place = self.next;
        if place.fp > self.act.addr() {
            return None;
        }
        // SAFETY: frames are linked up to the entry's, in which the activation lies.
        self.next = unsafe { caller(place.fp) };
        Some(place)
    }
}

/// The frame that called the one at `fp`.
///
/// # Safety
/// `fp` points to a frame that is not the outermost.
unsafe fn caller(fp: usize) -> Place {
    let frame = fp as *const usize;
    // SAFETY: a frame begins with its caller's frame pointer and its return address.
    unsafe { Place { fp: frame.read(), pc: frame.add(1).read() } }
}

/// Finds the code of frames. Neighbours are mostly of the same code.
#[derive(Default)]
struct Codes<'a> {
    last: Option<&'a MachineCode>,
    /// The only instance of the store that runs `last`.
    instance: Option<InstanceId>,
}

impl<'a> Codes<'a> {
    /// The code that contains an address.
    ///
    /// # Safety
    /// For `'a` the code is executed by a frame that is alive.
    unsafe fn find(&mut self, pc: usize) -> Option<&'a MachineCode> {
        if let Some(code) = self.last.filter(|code| code.addresses().contains(&pc)) {
            return Some(code);
        }
        // SAFETY: the frame keeps the code alive.
        self.last = registry::with(pc, |code| unsafe { &*ptr::from_ref(code) });
        self.last
    }

    /// The guest's frames, innermost first, that execute the operator whose code is at `pc`.
    ///
    /// # Safety
    /// As for `find`; the store is entered or rests, and is not borrowed.
    unsafe fn frames(&mut self, store: *mut VmStore, pc: usize) -> impl Iterator<Item = Frame> + use<'a> {
        let before = self.last;
        // SAFETY: the caller's promise.
        let code = unsafe { self.find(pc) };
        if let Some(code) = code
            && before.is_none_or(|before| !ptr::eq(before, code))
        {
            // SAFETY: as above.
            self.instance = unsafe { (*(*store).store).only_instance_of(code.shape()) };
        }
        let instance = self.instance;
        code.into_iter().flat_map(move |code| {
            let shape = code.shape();
            code.frames_at(pc).map(move |(func, offset)| Frame { shape, instance, func, offset })
        })
    }
}

/// `ActivationKind::walk` of compiled code.
///
/// # Safety
/// As `ActivationKind::walk` demands.
pub unsafe fn walk(this: *const Activation, store: *mut VmStore, each: &mut dyn FnMut(Frame) -> bool) {
    let mut codes = Codes::default();
    // SAFETY: the activation is the first field of a `JitActivation`; its frames are alive.
    unsafe {
        for place in Places::of(this.cast()) {
            if !codes.frames(store, place.pc - 1).all(&mut *each) {
                return;
            }
        }
    }
}

/// `ActivationKind::roots` of compiled code.
///
/// # Safety
/// As `ActivationKind::roots` demands.
pub unsafe fn roots(this: *const Activation, each: &mut dyn FnMut(*mut Slot)) {
    let mut codes = Codes::default();
    // SAFETY: as in `walk`; root maps name slots of the frame.
    unsafe {
        for place in Places::of(this.cast()) {
            let Some(code) = codes.find(place.pc) else { continue };
            for &below in code.roots_at(place.pc) {
                each((place.fp - below as usize) as *mut Slot);
            }
        }
    }
}

/// Whether the piece that has called out, and which is no guest frame itself, is all that is left of an activation.
///
/// # Safety
/// It is compiled code that is called out.
pub unsafe fn is_outermost(act: *const Activation) -> bool {
    // SAFETY: the activation is the first field of a `JitActivation`.
    unsafe { Places::of(act.cast()).nth(1).is_none() }
}

/// Where a builtin that failed goes on. An exception goes to whoever catches it in this activation; all else,
/// with the frames that it leaves, to the entry.
///
/// # Safety
/// `vm` is an instance of a store whose innermost activation is compiled code that is called out. A
/// failure is parked, or an exception is the store's.
pub unsafe extern "C" fn resume_point(vm: *mut Vm) -> *const Resume {
    // SAFETY: the caller's promise.
    unsafe {
        let store = (*vm).store;
        let act = (*store).activation.cast_mut().cast::<JitActivation>();
        let is_exception = match &(*store).pending {
            None if (*store).tail.is_asked() => return fall_to_entry(act),
            None => true,
            Some(failure) => matches!(failure.fault, Fault::Exception),
        };
        let caught = if is_exception { catch(act, vm, (*store).exception) } else { None };
        match caught {
            Some(place) => {
                (*store).pending = None;
                (*store).exception = 0;
                (&raw mut (*act).resume).write(place);
                &raw const (*act).resume
            }
            None => {
                let pending = (*store).pending.take().unwrap_or_else(|| Failure::new(Fault::Exception));
                (*store).pending = Some(left(act, store, pending));
                fall_to_entry(act)
            }
        }
    }
}

/// Lets what failed go on in the entry.
///
/// # Safety
/// The activation is called out.
unsafe fn fall_to_entry(act: *mut JitActivation) -> *const Resume {
    // SAFETY: the caller's promise; the entry's frame is that of a call.
    unsafe {
        let place = Places::of(act).entry();
        let landing = Codes::default().find(place.pc).and_then(|code| Landing::of(code, place));
        let Landing { sp, fp, pc, .. } = landing.expect("calls of entries tell where failures go on");
        (&raw mut (*act).resume).write(Resume { sp, fp, pc, payload0: 0, payload1: 0 });
        (&raw mut (*act).trap.trap).write(None);
        &raw const (*act).resume
    }
}

/// Where failures go on in an entry.
#[derive(Clone, Copy, Debug)]
pub struct Landing {
    /// The stack pointer.
    pub sp: usize,
    /// The frame pointer.
    pub fp: usize,
    /// The address.
    pub pc: usize,
    /// The store, if the call was one of a body; else null.
    pub store: *mut VmStore,
}

impl Landing {
    /// That of the entry under whose frames code runs; `each` gets their return addresses, innermost first.
    /// `None` if these are no such frames.
    ///
    /// Takes no lock and allocates nothing.
    ///
    /// # Safety
    /// `fp` is the frame pointer of compiled code that runs.
    pub unsafe fn above(mut fp: usize, each: &mut dyn FnMut(usize)) -> Option<Landing> {
        let mut codes = Codes::default();
        loop {
            // SAFETY: all frames are of compiled code up to the entry's.
            let place = unsafe { caller(fp) };
            if place.fp <= fp {
                return None;
            }
            // SAFETY: as above, so the code is being executed.
            let code = unsafe { codes.find(place.pc) }?;
            if code.is_entry(place.pc) {
                // SAFETY: as above.
                return unsafe { Landing::of(code, place) };
            }
            each(place.pc);
            fp = place.fp;
        }
    }

    /// # Safety
    /// `place` is the frame of an entry of the code.
    unsafe fn of(code: &MachineCode, place: Place) -> Option<Landing> {
        let site = code.site_at(place.pc)?;
        let sp = place.fp - site.frame_offset as usize;
        let mut store = ptr::null_mut();
        for handler in site.handlers() {
            match handler {
                Handler::Context(at) if at != Handler::CALLER => {
                    // SAFETY: the compiler has put the store there.
                    store = unsafe { ((sp + at as usize) as *const *mut VmStore).read() };
                }
                Handler::Context(_) | Handler::Tag(..) => {}
                Handler::All(target) => {
                    return Some(Landing { sp, fp: place.fp, pc: code.address(target), store });
                }
            }
        }
        None
    }
}

/// Who catches an exception in this activation.
///
/// # Safety
/// The activation is called out; `exception` is an exception of the store of `vm`.
unsafe fn catch(act: *const JitActivation, vm: *mut Vm, exception: u32) -> Option<Resume> {
    let mut codes = Codes::default();
    // SAFETY: the caller's promise.
    unsafe {
        let tag = builtins::exn_tag(vm, exception);
        Places::of(act).find_map(|place| {
            let (sp, pc) = handler(codes.find(place.pc)?, place, vm, tag)?;
            Some(Resume { sp, fp: place.fp, pc, payload0: exception.into(), payload1: 0 })
        })
    }
}

/// The stack pointer and the address of the handler of a frame that catches exceptions of a tag.
/// `caller` is the instance that has called out.
///
/// # Safety
/// `place` is a frame of the code.
unsafe fn handler(
    code: &MachineCode,
    place: Place,
    caller: *mut Vm,
    tag: *const VmTag,
) -> Option<(usize, usize)> {
    let site = code.site_at(place.pc)?;
    let sp = place.fp - site.frame_offset as usize;
    let mut vm: *mut Vm = ptr::null_mut();
    for handler in site.handlers() {
        let target = match handler {
            Handler::Context(Handler::CALLER) => {
                vm = caller;
                None
            }
            Handler::Context(offset) => {
                // SAFETY: the compiler has put the instance there.
                vm = unsafe { ((sp + offset as usize) as *const *mut Vm).read() };
                None
            }
            Handler::All(target) => Some(target),
            Handler::Tag(index, target) => {
                assert!(!vm.is_null(), "a tag is one of an instance");
                // SAFETY: tags are pointers in the block of an instance of this code.
                let own = unsafe { *field::<*const VmTag>(vm, code.shape().layout().tag(TagIdx(index))) };
                ptr::eq(own, tag).then_some(target)
            }
        };
        if let Some(target) = target {
            return Some((sp, code.address(target)));
        }
    }
    None
}

/// A failure after it has left this activation's frames.
///
/// # Safety
/// The activation is called out; it is of the store.
#[cold]
unsafe fn left(act: *const JitActivation, store: *mut VmStore, mut failure: Box<Failure>) -> Box<Failure> {
    // SAFETY: the activation is the first field of the whole.
    unsafe {
        walk(act.cast(), store, &mut |frame| {
            failure.push(failure_frame(frame));
            true
        });
    }
    failure
}

/// The failure of a trap that a signal told of.
///
/// # Safety
/// The frames of the trace were left just now; their code is alive.
#[cold]
pub unsafe fn failure_of_trap(store: *mut VmStore, fault: Fault, record: &TrapRecord) -> Box<Failure> {
    let mut failure = Failure::new(fault);
    let mut codes = Codes::default();
    for (n, pc) in record.trace().enumerate() {
        // Return addresses are behind the call; the instruction that trapped is where it is.
        // SAFETY: the caller's promise.
        for frame in unsafe { codes.frames(store, if n == 0 { pc } else { pc - 1 }) } {
            failure.push(failure_frame(frame));
        }
    }
    failure.omitted += record.frames - record.trace().count();
    failure
}

fn failure_frame(frame: Frame) -> FailureFrame {
    let Frame { shape, instance, func, offset } = frame;
    let func: FuncIdx = func;
    // SAFETY: the code of a frame that is walked is alive, and so is its shape.
    FailureFrame { module: unsafe { (*shape).module().clone() }, instance, func, offset }
}
