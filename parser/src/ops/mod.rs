//! The numeric and memory operators by class: one enum per class, each with its
//! names, opcodes and signatures, all derived from the rows in `table`.
//! Constants, `i8x16.shuffle`, `memory.*` and control are irregular and not here.
//! Spec: syntax/instructions, appendix/index-instructions.

#[macro_use]
mod table;

use crate::types::ValType;

/// The proposal that brought an operator, by which a feature switches it on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Proposal {
    /// The first version of the standard.
    Mvp,
    /// `i32.extend8_s` and its like.
    SignExtension,
    /// `i32.trunc_sat_f32_s` and its like.
    SaturatingFloatToInt,
    /// 128-bit vectors.
    Simd,
    /// Vector operators whose result the machine may choose.
    RelaxedSimd,
    /// Atomic accesses.
    Threads,
    /// 128-bit arithmetic in halves.
    WideArithmetic,
}

/// What an atomic read-modify-write does to the old value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RmwKind {
    /// Adds, wrapping.
    Add,
    /// Subtracts, wrapping.
    Sub,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Replaces.
    Xchg,
}

/// A row of the table; columns that a class does not have are 0 or `None`.
struct Columns {
    name: &'static str,
    opcode: u32,
    operands: &'static [ValType],
    results: &'static [ValType],
    access_bytes: u32,
    lanes: u8,
    kind: Option<RmwKind>,
    proposal: Proposal,
}

/// Turns the rows of one class into its enum.
macro_rules! class {
    (
        $(#[$doc:meta])* $Class:ident
        $($Op:ident $snake:ident $opcode:literal $name:literal $([$lanes:literal])? $([$kind:ident])?
        ($($read:literal)? $($operand:ident)* -> $($result:ident)* $($written:literal)?) $proposal:ident;)*
    ) => {
        $(#[$doc])*
        #[repr(u16)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $Class {
            $(#[doc = concat!("`", $name, "`")] $Op,)*
        }

        impl $Class {
            /// Every operator of the class; the one at position `i` is `i` as a number.
            pub const ALL: &'static [$Class] = &[$($Class::$Op),*];

            const COLUMNS: &'static [Columns] = &[$(Columns {
                name: $name,
                opcode: $opcode,
                operands: &[$(ValType::$operand),*],
                results: &[$(ValType::$result),*],
                access_bytes: 0 $(+ $read)? $(+ $written)?,
                lanes: 0 $(+ $lanes)?,
                kind: [$(Some(RmwKind::$kind),)? None][0],
                proposal: Proposal::$proposal,
            }),*];

            #[inline]
            const fn columns(self) -> &'static Columns {
                &Self::COLUMNS[self as usize]
            }

            /// The name in the text format.
            #[inline]
            pub const fn name(self) -> &'static str {
                self.columns().name
            }

            /// The opcode: a byte, or `prefix << 16 | number` after a prefix byte.
            #[inline]
            pub const fn opcode(self) -> u32 {
                self.columns().opcode
            }

            /// Types of the operands, the last on top of the stack; without the address
            /// of a memory access, whose type is the memory's.
            #[inline]
            pub const fn operands(self) -> &'static [ValType] {
                self.columns().operands
            }

            /// Types of the results, the last on top of the stack.
            #[inline]
            pub const fn results(self) -> &'static [ValType] {
                self.columns().results
            }

            /// The proposal that brought the operator.
            #[inline]
            pub const fn feature(self) -> Proposal {
                self.columns().proposal
            }
        }
    };
}

/// Declares every class, `Row` over all of them, and the entries of the decoding arrays.
macro_rules! classes {
    ($($(#[$doc:meta])* $Variant:ident $Class:ident $for_each:ident;)*) => {
        $($for_each! { class, $(#[$doc])* $Class })*

        /// Any operator of the table.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Row {
            $(#[doc = concat!("A row of `", stringify!($for_each), "`.")] $Variant($Class),)*
        }

        /// Maps the numbers after a prefix (0: no prefix) to rows.
        const fn decoding_array<const N: usize>(prefix: u32) -> [Option<Row>; N] {
            let mut rows = [None; N];
            $(
                let mut i = 0;
                while i < $Class::ALL.len() {
                    let op = $Class::ALL[i];
                    if op.opcode() >> 16 == prefix {
                        let number = (op.opcode() & 0xffff) as usize;
                        assert!(rows[number].is_none(), "two operators have one opcode");
                        rows[number] = Some(Row::$Variant(op));
                    }
                    i += 1;
                }
            )*
            rows
        }
    };
}

classes! {
    /// One operand, one result.
    Unary UnOp for_each_unary;
    /// Two operands, one result.
    Binary BinOp for_each_binary;
    /// Two scalars of one type, compared: 0 or 1.
    Compare CmpOp for_each_compare;
    /// Three vectors, one result.
    Ternary TernOp for_each_ternary;
    /// A lane out of a vector.
    ExtractLane ExtractOp for_each_extract;
    /// A lane into a vector.
    ReplaceLane ReplaceOp for_each_replace;
    /// 128-bit arithmetic: two results, the low half first.
    Wide WideOp for_each_wide;
    /// A load.
    Load LoadOp for_each_load;
    /// A store.
    Store StoreOp for_each_store;
    /// A load into one lane of a vector.
    LoadLane LoadLaneOp for_each_load_lane;
    /// A store of one lane of a vector.
    StoreLane StoreLaneOp for_each_store_lane;
    /// An atomic load.
    AtomicLoad AtomicLoadOp for_each_atomic_load;
    /// An atomic store.
    AtomicStore AtomicStoreOp for_each_atomic_store;
    /// An atomic read-modify-write; the result is the old value.
    AtomicRmw AtomicRmwOp for_each_atomic_rmw;
    /// An atomic compare-exchange: expected value, replacement; the result is the old value.
    AtomicCmpxchg AtomicCmpxchgOp for_each_atomic_cmpxchg;
}

/// The row of an opcode, which is a byte, or `prefix << 16 | number` after a prefix byte.
/// `None` where the table has none.
#[inline]
pub fn lookup(opcode: u32) -> Option<Row> {
    static SINGLE: [Option<Row>; 0x100] = decoding_array(0);
    static NUMERIC: [Option<Row>; 0x20] = decoding_array(0xfc);
    static VECTOR: [Option<Row>; 0x120] = decoding_array(0xfd);
    static ATOMIC: [Option<Row>; 0x50] = decoding_array(0xfe);
    let rows: &[Option<Row>] = match opcode >> 16 {
        0 => &SINGLE,
        0xfc => &NUMERIC,
        0xfd => &VECTOR,
        0xfe => &ATOMIC,
        _ => &[],
    };
    rows.get((opcode & 0xffff) as usize).copied().flatten()
}

/// Gives some classes a column that the others do not have.
macro_rules! column {
    ($doc:literal $column:ident: $Column:ty = |$columns:ident| $value:expr; $($Class:ident)*) => {$(
        impl $Class {
            #[doc = $doc]
            #[inline]
            pub const fn $column(self) -> $Column {
                let $columns = self.columns();
                $value
            }
        }
    )*};
}

column! {
    "Type of the result."
    result: ValType = |columns| columns.results[0];
    UnOp BinOp CmpOp TernOp ExtractOp ReplaceOp LoadOp LoadLaneOp AtomicLoadOp AtomicRmwOp AtomicCmpxchgOp
}

column! {
    "How many bytes of memory are accessed: 1 to 16, a power of two."
    access_bytes: u32 = |columns| columns.access_bytes;
    LoadOp StoreOp LoadLaneOp StoreLaneOp AtomicLoadOp AtomicStoreOp AtomicRmwOp AtomicCmpxchgOp
}

column! {
    "How many lanes the vector has; the lane immediate is below it."
    lanes: u8 = |columns| columns.lanes;
    ExtractOp ReplaceOp LoadLaneOp StoreLaneOp
}

impl AtomicRmwOp {
    /// What is done to the old value.
    pub const fn kind(self) -> RmwKind {
        match self.columns().kind {
            Some(kind) => kind,
            None => unreachable!(),
        }
    }
}

impl CmpOp {
    /// The operator that is true exactly where this one is false. The orders of the
    /// floats have none: both `a < b` and `a >= b` are false of a NaN.
    pub const fn negated(self) -> Option<CmpOp> {
        use CmpOp::*;
        Some(match self {
            I32Eq => I32Ne,
            I32Ne => I32Eq,
            I32LtS => I32GeS,
            I32LtU => I32GeU,
            I32GtS => I32LeS,
            I32GtU => I32LeU,
            I32LeS => I32GtS,
            I32LeU => I32GtU,
            I32GeS => I32LtS,
            I32GeU => I32LtU,
            I64Eq => I64Ne,
            I64Ne => I64Eq,
            I64LtS => I64GeS,
            I64LtU => I64GeU,
            I64GtS => I64LeS,
            I64GtU => I64LeU,
            I64LeS => I64GtS,
            I64LeU => I64GtU,
            I64GeS => I64LtS,
            I64GeU => I64LtU,
            F32Eq => F32Ne,
            F32Ne => F32Eq,
            F64Eq => F64Ne,
            F64Ne => F64Eq,
            F32Lt | F32Gt | F32Le | F32Ge | F64Lt | F64Gt | F64Le | F64Ge => return None,
        })
    }

    /// The operator that says of `b, a` what this one says of `a, b`.
    pub const fn swapped(self) -> CmpOp {
        use CmpOp::*;
        match self {
            I32Eq | I32Ne | I64Eq | I64Ne | F32Eq | F32Ne | F64Eq | F64Ne => self,
            I32LtS => I32GtS,
            I32LtU => I32GtU,
            I32GtS => I32LtS,
            I32GtU => I32LtU,
            I32LeS => I32GeS,
            I32LeU => I32GeU,
            I32GeS => I32LeS,
            I32GeU => I32LeU,
            I64LtS => I64GtS,
            I64LtU => I64GtU,
            I64GtS => I64LtS,
            I64GtU => I64LtU,
            I64LeS => I64GeS,
            I64LeU => I64GeU,
            I64GeS => I64LeS,
            I64GeU => I64LeU,
            F32Lt => F32Gt,
            F32Gt => F32Lt,
            F32Le => F32Ge,
            F32Ge => F32Le,
            F64Lt => F64Gt,
            F64Gt => F64Lt,
            F64Le => F64Ge,
            F64Ge => F64Le,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// One row seen from outside: name, Rust spelling, Rust function, opcode, the
    /// row that `lookup` finds, the row itself.
    type Seen = (&'static str, &'static str, &'static str, u32, Option<Row>, Row);

    fn rows() -> Vec<Seen> {
        macro_rules! seen {
            ($rows:ident $Variant:ident $Class:ident $($Op:ident $snake:ident $opcode:literal $name:literal
            $([$extra:tt])? ($($sig:tt)*) $proposal:ident;)*) => {
                $(let op = $Class::$Op;
                $rows.push((op.name(), stringify!($Op), stringify!($snake), op.opcode(), lookup($opcode),
                    Row::$Variant(op)));)*
            };
        }
        let mut rows = Vec::new();
        for_each_unary! { seen, rows Unary UnOp }
        for_each_binary! { seen, rows Binary BinOp }
        for_each_compare! { seen, rows Compare CmpOp }
        for_each_ternary! { seen, rows Ternary TernOp }
        for_each_extract! { seen, rows ExtractLane ExtractOp }
        for_each_replace! { seen, rows ReplaceLane ReplaceOp }
        for_each_wide! { seen, rows Wide WideOp }
        for_each_load! { seen, rows Load LoadOp }
        for_each_store! { seen, rows Store StoreOp }
        for_each_load_lane! { seen, rows LoadLane LoadLaneOp }
        for_each_store_lane! { seen, rows StoreLane StoreLaneOp }
        for_each_atomic_load! { seen, rows AtomicLoad AtomicLoadOp }
        for_each_atomic_store! { seen, rows AtomicStore AtomicStoreOp }
        for_each_atomic_rmw! { seen, rows AtomicRmw AtomicRmwOp }
        for_each_atomic_cmpxchg! { seen, rows AtomicCmpxchg AtomicCmpxchgOp }
        rows
    }

    #[test]
    fn lookup_finds_every_row() {
        for (name, _, _, _, found, row) in rows() {
            assert_eq!(found, Some(row), "{name}");
        }
        let in_arrays = (0..=0xff_ffff).filter(|&opcode| lookup(opcode).is_some()).count();
        assert_eq!(in_arrays, rows().len());
        for opcode in [0x00, 0x0b, 0xfc, 0xfc_0008, 0xfd_000c, 0xfd_000d, 0xfe_0003, 0xfe_004f, u32::MAX] {
            assert_eq!(lookup(opcode), None, "{opcode:#x}");
        }
    }

    #[test]
    fn opcodes_and_names_are_unique() {
        let rows = rows();
        assert_eq!(rows.iter().map(|r| r.0).collect::<HashSet<_>>().len(), rows.len());
        assert_eq!(rows.iter().map(|r| r.3).collect::<HashSet<_>>().len(), rows.len());
    }

    #[test]
    fn three_spellings_agree() {
        for (name, camel, snake, ..) in rows() {
            assert_eq!(name.replace('.', "_"), snake);
            assert_eq!(camel.to_lowercase(), snake.replace('_', ""));
        }
    }

    #[test]
    fn counts_are_those_of_the_standard() {
        let of = |p: fn(Row) -> bool| rows().iter().filter(|r| p(r.5)).count();
        assert_eq!(of(|r| matches!(r, Row::Compare(_))), 32);
        assert_eq!(of(|r| matches!(r, Row::Wide(_))), 4);
        assert_eq!(of(|r| matches!(r, Row::AtomicRmw(_))), 42);
        let with_opcode = |low: u32, high: u32| rows().iter().filter(|r| (low..=high).contains(&r.3)).count();
        assert_eq!(with_opcode(0x28, 0x3e), 23, "loads and stores");
        assert_eq!(with_opcode(0x45, 0xbf), 123, "numeric");
        assert_eq!(with_opcode(0xc0, 0xc4), 5, "sign extension");
        assert_eq!(with_opcode(0xfc_0000, 0xfc_0007), 8, "saturating");
        assert_eq!(with_opcode(0xfc_0008, 0xfc_ffff), 4, "wide");
        assert_eq!(with_opcode(0xfd_0000, 0xfd_00ff), 234, "vectors but v128.const and i8x16.shuffle");
        assert_eq!(with_opcode(0xfd_0100, 0xfd_ffff), 20, "relaxed vectors");
        assert_eq!(with_opcode(0xfe_0000, 0xfe_ffff), 63, "atomics but wait, notify and fence");
    }

    #[test]
    fn signatures_and_columns() {
        use ValType::*;
        assert_eq!((UnOp::I64Eqz.operands(), UnOp::I64Eqz.result()), (&[I64][..], I32));
        assert_eq!((UnOp::F32DemoteF64.operands(), UnOp::F32DemoteF64.result()), (&[F64][..], F32));
        assert_eq!((BinOp::I32x4ShrU.operands(), BinOp::I32x4ShrU.result()), (&[V128, I32][..], V128));
        assert_eq!((LoadOp::I64Load16U.access_bytes(), LoadOp::I64Load16U.result()), (2, I64));
        assert_eq!((StoreOp::I64Store32.access_bytes(), StoreOp::I64Store32.operands()), (4, &[I64][..]));
        assert_eq!((LoadOp::V128Load32x2U.access_bytes(), LoadOp::V128Load16Splat.access_bytes()), (8, 2));
        assert_eq!((LoadLaneOp::V128Load16Lane.lanes(), LoadLaneOp::V128Load16Lane.access_bytes()), (8, 2));
        assert_eq!((ExtractOp::F64x2ExtractLane.lanes(), ExtractOp::F64x2ExtractLane.result()), (2, F64));
        assert_eq!(AtomicRmwOp::I64AtomicRmw16XchgU.kind(), RmwKind::Xchg);
        assert_eq!(AtomicCmpxchgOp::I64AtomicRmw8CmpxchgU.operands(), &[I64, I64]);
        assert_eq!(WideOp::I64MulWideU.results(), &[I64, I64]);
        assert!(StoreOp::ALL.iter().all(|op| op.results().is_empty()));
        assert_eq!(BinOp::I8x16RelaxedSwizzle.feature(), Proposal::RelaxedSimd);
    }

    #[test]
    fn negated_and_swapped_are_involutions() {
        for &op in CmpOp::ALL {
            assert_eq!(op.swapped().swapped(), op);
            assert_eq!(op.swapped().operands(), op.operands());
            if let Some(negated) = op.negated() {
                assert_eq!(negated.negated(), Some(op));
                assert_eq!(negated.operands(), op.operands());
            }
        }
    }
}
