//! Functions as the compiler sees them: operators, CLIF and machine code side by side, for people and tools.

use crate::Result;
use dayfly_jit::listing::Lister;
pub use dayfly_jit::listing::{ClifLine, Instruction, Listing, Operator, Show, Stage, Target};
use dayfly_parser::FuncIdx;

/// Makes [`Listing`]s of a module's functions: see [`Module::listings`](crate::Module::listings).
#[derive(Debug)]
pub struct Listings<'a> {
    lister: Option<Lister<'a>>,
}

impl<'a> Listings<'a> {
    pub(crate) fn new(lister: Option<Lister<'a>>) -> Listings<'a> {
        Listings { lister }
    }

    /// The listing of a function; `None` if it has no machine code, because it is imported or interpreted.
    ///
    /// # Errors
    /// When the function's body is not valid.
    pub fn get(&self, func: FuncIdx, stage: Stage) -> Result<Option<Listing>> {
        match &self.lister {
            Some(lister) => Ok(lister.function(func, stage)?),
            None => Ok(None),
        }
    }
}
