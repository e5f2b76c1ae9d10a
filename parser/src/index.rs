//! Index spaces of a module, one type each, so that a function index is never
//! taken for a table index. Spec: syntax/modules, "Indices".

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

index! {
    /// A type of the module's type section.
    TypeIdx;
    /// A function: imported ones first, then those defined in the module.
    FuncIdx;
    /// A function defined in the module, counted without the imported ones.
    DefinedFuncIdx;
    /// A table: imported ones first.
    TableIdx;
    /// A memory: imported ones first.
    MemoryIdx;
    /// A global: imported ones first.
    GlobalIdx;
    /// A tag: imported ones first.
    TagIdx;
    /// An element segment.
    ElemIdx;
    /// A data segment.
    DataIdx;
    /// A local of a function: parameters first.
    LocalIdx;
    /// A field of a structure type.
    FieldIdx;
}
