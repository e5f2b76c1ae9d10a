//! A script as it is being run: its session, its threads, its outcomes so far.
//! A thread has an engine in common with the script, but a store of its own; what
//! it reads of the script it parses again, since text is borrowed from where it stands.
//! Spec: threads proposal, the reference interpreter's README, "Scripts".

use crate::report::{Outcome, Verdict};
use crate::script::FormText;
use crate::session::{Session, SharedModule};
use dayfly::{Engine, Result};
use std::any::Any;
use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::thread::{self, JoinHandle};
use wast::{WastDirective, WastThread};

/// Bytes of stack of a script's thread: modules are parsed recursively.
const STACK: usize = 16 << 20;

/// A script, or a thread of one, as it is being run.
pub(crate) struct Play {
    file: String,
    engine: Engine,
    session: Session,
    threads: HashMap<String, JoinHandle<Vec<Outcome>>>,
    outcomes: Vec<Outcome>,
}

impl Play {
    /// A script of which nothing was run yet.
    pub(crate) fn new(engine: &Engine, file: &str) -> Result<Play> {
        Ok(Play {
            file: file.to_owned(),
            engine: engine.clone(),
            session: Session::new(engine)?,
            threads: HashMap::new(),
            outcomes: Vec::new(),
        })
    }

    /// Carries out a directive. `path` leads to it from the directive of its form:
    /// positions in threads, the outermost first.
    pub(crate) fn directive(&mut self, form: &FormText, path: &[usize], directive: WastDirective<'_>) {
        let line = form.line(directive.span());
        let asserts = is_assertion(&directive);
        let verdict = match directive {
            WastDirective::Thread(thread) => self.start_thread(form, path, &thread),
            WastDirective::Wait { thread, .. } => match self.threads.remove(thread.name()) {
                Some(handle) => {
                    self.join(handle);
                    Verdict::Passed
                }
                None => Verdict::Failed(format!("there is no thread ${}", thread.name())),
            },
            directive => guarded(|| self.session.run(directive)),
        };
        if asserts || verdict != Verdict::Passed {
            self.note(line, verdict);
        }
    }

    /// Notes what came of a directive.
    pub(crate) fn note(&mut self, line: usize, verdict: Verdict) {
        self.outcomes.push(Outcome { file: self.file.clone(), line, verdict });
    }

    /// Waits for the threads that the script did not wait for.
    pub(crate) fn finish(mut self) -> Vec<Outcome> {
        for (_, handle) in std::mem::take(&mut self.threads) {
            self.join(handle);
        }
        self.outcomes
    }

    fn start_thread(&mut self, form: &FormText, path: &[usize], thread: &WastThread<'_>) -> Verdict {
        let shared = match thread.shared_module.map(|name| self.session.share(name)).transpose() {
            Ok(shared) => shared,
            Err(reason) => return Verdict::Failed(reason),
        };
        let play = Play::new(&self.engine, &self.file);
        let (form, path) = (form.clone(), path.to_vec());
        let run = move || run_thread(play, shared, &form, &path);
        match thread::Builder::new().stack_size(STACK).spawn(run) {
            Ok(handle) => {
                self.threads.insert(thread.name.name().to_owned(), handle);
                Verdict::Passed
            }
            Err(error) => Verdict::Failed(format!("no thread can be started: {error}")),
        }
    }

    fn join(&mut self, handle: JoinHandle<Vec<Outcome>>) {
        match handle.join() {
            Ok(outcomes) => self.outcomes.extend(outcomes),
            Err(panic) => self.note(0, panicked(&*panic)),
        }
    }
}

/// Whether a directive asserts something.
pub(crate) fn is_assertion(directive: &WastDirective<'_>) -> bool {
    !matches!(
        directive,
        WastDirective::Module(_)
            | WastDirective::ModuleDefinition(_)
            | WastDirective::ModuleInstance { .. }
            | WastDirective::Register { .. }
            | WastDirective::Invoke(_)
            | WastDirective::Thread(_)
            | WastDirective::Wait { .. }
    )
}

/// Carries out the directives of the thread to which `path` leads in its form.
fn run_thread(
    play: Result<Play>,
    shared: Option<SharedModule>,
    form: &FormText,
    path: &[usize],
) -> Vec<Outcome> {
    let mut play = play.expect("the script itself has a session of this engine");
    if let Some(shared) = shared {
        play.session.receive(shared);
    }
    let read = form.with_directive(|directive| {
        let thread = path.iter().fold(directive, |outer, &position| match outer {
            WastDirective::Thread(mut thread) => thread.directives.swap_remove(position),
            other => other,
        });
        let WastDirective::Thread(thread) = thread else { return };
        for (position, directive) in thread.directives.into_iter().enumerate() {
            let path: Vec<usize> = path.iter().copied().chain([position]).collect();
            play.directive(form, &path, directive);
        }
    });
    if let Err((line, reason)) = read {
        play.note(line, Verdict::Failed(reason));
    }
    play.finish()
}

/// The verdict of `run`; a failure if it panics.
fn guarded(run: impl FnOnce() -> Verdict) -> Verdict {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| panicked(&*panic))
}

fn panicked(panic: &(dyn Any + Send)) -> Verdict {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Verdict::Failed(format!("the engine panicked: {message}"))
}
