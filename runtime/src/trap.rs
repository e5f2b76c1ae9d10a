//! Why a computation ended abnormally. The texts are those that the official
//! scripts expect. Spec: exec/runtime, "Results"; appendix/implementation.

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// A reason for which WebAssembly code traps.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Trap {
            $($(#[$doc])* $name,)*
        }

        impl Trap {
            /// Every trap.
            pub const ALL: &'static [Trap] = &[$(Trap::$name,)*];

            /// The reason in words.
            pub fn message(self) -> &'static str {
                match self {
                    $(Trap::$name => $text,)*
                }
            }
        }
    };
}

traps! {
    /// `unreachable` was executed.
    Unreachable "unreachable";
    /// An access outside of a memory.
    MemoryOutOfBounds "out of bounds memory access";
    /// An access outside of a table.
    TableOutOfBounds "out of bounds table access";
    /// `call_indirect` with an index outside of its table.
    UndefinedElement "undefined element";
    /// `call_indirect` of an entry that is null.
    UninitializedElement "uninitialized element";
    /// `call_indirect` of a function of another type.
    BadSignature "indirect call type mismatch";
    /// An integer divided by zero.
    IntegerDivideByZero "integer divide by zero";
    /// A result that its integer type cannot hold.
    IntegerOverflow "integer overflow";
    /// NaN converted to an integer.
    BadConversionToInteger "invalid conversion to integer";
    /// The stack of the guest, or of the host below it, is used up.
    StackOverflow "call stack exhausted";
    /// The fuel is used up.
    OutOfFuel "all fuel consumed by WebAssembly";
    /// The epoch deadline has passed, or the host asked to stop.
    Interrupt "wasm trap: interrupt";
    /// An atomic access whose address is not a multiple of its size.
    UnalignedAtomic "unaligned atomic";
    /// `memory.atomic.wait` on a memory that is not shared.
    ExpectedSharedMemory "expected shared memory";
    /// A null reference was called or read.
    NullReference "null reference";
    /// A null function reference was called.
    NullFunctionReference "null function reference";
    /// A null structure was read or written.
    NullStructReference "null structure reference";
    /// A null array was read or written.
    NullArrayReference "null array reference";
    /// A null `i31` was read.
    NullI31Reference "null i31 reference";
    /// `throw_ref` of null.
    NullExceptionReference "null exception reference";
    /// An access outside of an array.
    ArrayOutOfBounds "out of bounds array access";
    /// `ref.cast` of a value of another type.
    CastFailure "cast failure";
    /// A structure or array that is larger than the GC heap can ever be.
    AllocationTooLarge "allocation size too large";
    /// The GC heap of the store is full of live objects.
    GcHeapExhausted "GC heap exhausted";
}

impl core::fmt::Display for Trap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Trap {}
