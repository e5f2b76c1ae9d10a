//! One error type for everything that a host does with the engine. It carries any
//! standard error or message and what was added on the way up, and gives each back
//! by its type. Invariant: one word.

use crate::fault::{FailureFrame, Fault, ThrownException};
use crate::host::WasmBacktrace;
use core::any::Any;
use core::error::Error as StdError;
use core::fmt;

/// `core::result::Result` with [`Error`] as the error.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What went wrong, in the engine or in a host function.
///
/// Every standard error converts into it by `?`; [`Error::msg`] makes one from a
/// text. [`Error::downcast_ref`] finds what is inside: a
/// [`Trap`](crate::trap::Trap), the [`WasmBacktrace`] of the call that failed, or
/// the error that a host function returned.
///
/// `{}` prints the outermost text, `{:#}` all of them in one line, `{:?}` all of
/// them in several, followed by the backtrace.
pub struct Error(Box<Repr>);

struct Repr {
    root: Root,
    /// What was added, innermost first.
    contexts: Vec<Box<dyn Message>>,
    backtrace: Option<WasmBacktrace>,
}

enum Root {
    Std(Box<dyn StdError + Send + Sync>),
    Message(Box<dyn Message>),
}

/// A printable value that can be found again by its type.
trait Message: Any + fmt::Display + Send + Sync {}

impl<M: Any + fmt::Display + Send + Sync> Message for M {}

impl Error {
    /// An error from a standard error, as `?` makes it.
    #[cold]
    pub fn new<E: StdError + Send + Sync + 'static>(error: E) -> Error {
        Error::from_boxed(Box::new(error))
    }

    /// An error that is a message.
    #[cold]
    pub fn msg<M: fmt::Display + Send + Sync + 'static>(message: M) -> Error {
        Error::from_root(Root::Message(Box::new(message)))
    }

    /// An error from a boxed standard error. What [`Error::into_boxed`] made is
    /// again the error that it was.
    #[cold]
    pub fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Error {
        match error.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(error) => Error::from_root(Root::Std(error)),
        }
    }

    /// The error as a boxed standard error.
    #[cold]
    pub fn into_boxed(self) -> Box<dyn StdError + Send + Sync> {
        match *self.0 {
            Repr { root: Root::Std(error), contexts, backtrace: None } if contexts.is_empty() => error,
            repr => Box::new(Carried(Error(Box::new(repr)))),
        }
    }

    /// Adds what was being done. It becomes the outermost text and, when it is a
    /// standard error, can be found by its type.
    #[cold]
    pub fn context<C: fmt::Display + Send + Sync + 'static>(mut self, context: C) -> Error {
        self.0.contexts.push(Box::new(context));
        self
    }

    /// Whether an error of this type is inside.
    pub fn is<E: StdError + Send + Sync + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// The outermost error of this type: a context, the error itself or the backtrace.
    pub fn downcast_ref<E: StdError + Send + Sync + 'static>(&self) -> Option<&E> {
        let Repr { root, contexts, backtrace } = &*self.0;
        let context = contexts.iter().rev().find_map(|context| as_any(&**context).downcast_ref());
        context
            .or_else(|| match root {
                Root::Std(error) => error.downcast_ref(),
                Root::Message(message) => as_any(&**message).downcast_ref(),
            })
            .or_else(|| (backtrace.as_ref()? as &dyn Any).downcast_ref())
    }

    /// The error itself, if it is of this type; what was added to it is dropped.
    /// Else the error unchanged.
    pub fn downcast<E: StdError + Send + Sync + 'static>(mut self) -> Result<E, Error> {
        match self.0.root {
            Root::Std(error) => match error.downcast::<E>() {
                Ok(error) => Ok(*error),
                Err(error) => {
                    self.0.root = Root::Std(error);
                    Err(self)
                }
            },
            root => {
                self.0.root = root;
                Err(self)
            }
        }
    }

    /// The texts, outermost first: contexts, the error, then what it names as its sources.
    pub fn chain(&self) -> impl Iterator<Item = &dyn fmt::Display> {
        let contexts = self.0.contexts.iter().rev().map(|context| &**context as &dyn fmt::Display);
        let (root, source): (&dyn fmt::Display, _) = match &self.0.root {
            Root::Std(error) => (error, error.source()),
            Root::Message(message) => (&**message, None),
        };
        let sources = core::iter::successors(source, next_source);
        contexts.chain([root]).chain(sources.map(|error| error as &dyn fmt::Display))
    }

    /// The error after it left guest frames, innermost first.
    pub(crate) fn left_frames(mut self, frames: &[FailureFrame], omitted: usize) -> Error {
        let inner = self.0.backtrace.take();
        self.0.backtrace = WasmBacktrace::of_failure(inner, frames, omitted);
        self
    }

    /// Whether nothing was added to the error.
    pub(crate) fn is_bare(&self) -> bool {
        self.0.contexts.is_empty() && self.0.backtrace.is_none()
    }

    #[cold]
    fn from_root(root: Root) -> Error {
        Error(Box::new(Repr { root, contexts: Vec::new(), backtrace: None }))
    }
}

fn next_source<'a>(error: &&'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    (**error).source()
}

fn as_any(message: &dyn Message) -> &dyn Any {
    message
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    #[cold]
    fn from(error: E) -> Error {
        Error::new(error)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        error.into_boxed()
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        error.into_boxed()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = if f.alternate() { usize::MAX } else { 1 };
        for (i, text) in self.chain().take(texts).enumerate() {
            write!(f, "{}{text}", if i == 0 { "" } else { ": " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, text) in self.chain().enumerate() {
            match i {
                0 => write!(f, "{text}")?,
                1 => write!(f, "\n\nCaused by:\n    {text}")?,
                _ => write!(f, "\n    {text}")?,
            }
        }
        match &self.0.backtrace {
            Some(backtrace) => write!(f, "\n\n{backtrace}"),
            None => Ok(()),
        }
    }
}

impl From<Fault> for Error {
    #[cold]
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Trap(trap) => Error::new(trap),
            Fault::Exception => Error::new(ThrownException),
            Fault::Host(error) => error,
            Fault::Body(error) => Error::new(error),
            Fault::Compile(error) => Error::new(error),
            Fault::Panic(payload) => std::panic::resume_unwind(payload),
        }
    }
}

/// Adds context to the error of a result, or makes an error of what is missing.
pub trait Context<T> {
    /// The value, or an error that says what was being done.
    fn context<C: fmt::Display + Send + Sync + 'static>(self, context: C) -> Result<T>;

    /// Like `context`, with a text that is made only when needed.
    fn with_context<C: fmt::Display + Send + Sync + 'static>(self, context: impl FnOnce() -> C) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for core::result::Result<T, E> {
    fn context<C: fmt::Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C: fmt::Display + Send + Sync + 'static>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context<C: fmt::Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context))
    }

    fn with_context<C: fmt::Display + Send + Sync + 'static>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context()))
    }
}

/// An `Error` where a standard error is asked for.
#[derive(Debug)]
struct Carried(Error);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Carried {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trap::Trap;

    fn io() -> std::io::Error {
        std::io::Error::new(std::io::ErrorKind::NotFound, "no such file")
    }

    #[test]
    fn error_is_one_word() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn what_is_inside_is_found_by_type() {
        let error = Error::from(Trap::Unreachable).context("calling `f`").context(io());
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
        assert!(error.is::<std::io::Error>());
        assert!(!error.is::<fmt::Error>());
        assert_eq!(error.downcast::<Trap>().unwrap(), Trap::Unreachable);
        assert!(Error::msg("text").downcast::<Trap>().is_err());
    }

    #[test]
    fn texts_are_printed_outermost_first() {
        let error = Error::from(Trap::Unreachable).context("calling `f`");
        assert_eq!(error.to_string(), "calling `f`");
        assert_eq!(format!("{error:#}"), "calling `f`: unreachable");
        assert_eq!(format!("{error:?}"), "calling `f`\n\nCaused by:\n    unreachable");
        assert_eq!(format!("{:?}", Error::msg("alone")), "alone");
    }

    #[test]
    fn an_error_survives_being_boxed() {
        let boxed = Error::new(io()).context("opening").into_boxed();
        let error = Error::from_boxed(boxed);
        assert_eq!(format!("{error:#}"), "opening: no such file");
        assert!(error.is::<std::io::Error>());
        assert!(Error::new(io()).into_boxed().is::<std::io::Error>(), "nothing added, nothing wrapped");
    }

    #[test]
    fn context_of_results_and_options() {
        let result: Result<(), std::io::Error> = Err(io());
        assert_eq!(format!("{:#}", result.context("opening").unwrap_err()), "opening: no such file");
        assert_eq!(None::<()>.with_context(|| "nothing").unwrap_err().to_string(), "nothing");
        assert_eq!(Some(1).context("nothing").unwrap(), 1);
    }
}
