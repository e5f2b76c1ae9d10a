//! One call of a guest into WASI: its context, its memory, and the generation it speaks.
//! The functions themselves are methods of `Call`, a file per group; a method that returns an error
//! has had no effect unless it says otherwise.

use crate::ctx::WasiCtx;
use crate::guest::Guest;
use crate::types::Abi;
use dayfly::MemoryView;

/// One call of a guest.
pub(crate) struct Call<'a> {
    pub ctx: &'a mut WasiCtx,
    pub mem: Guest<'a>,
    pub abi: Abi,
}

impl<'a> Call<'a> {
    pub(crate) fn new(ctx: &'a mut WasiCtx, memory: impl Into<MemoryView<'a>>, abi: Abi) -> Self {
        Self { ctx, mem: Guest::new(memory), abi }
    }
}
