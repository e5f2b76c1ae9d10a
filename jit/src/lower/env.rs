//! What lowering a function depends on besides its body: the module's shape, the
//! machine, how types become Cranelift's, which parts of memory cannot overlap.

use crate::arch;
use crate::facts::Facts;
use cranelift_codegen::ir::types::{F32, F64, I8X16, I32, I64};
use cranelift_codegen::ir::{
    AbiParam, AliasRegion, AliasRegionData, ArgumentPurpose, Function, Signature, Type,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use dayfly_parser::{CompositeType, DefinedFuncIdx, FuncType, HeapType, Module, RefType, TypeIdx, ValType};
use dayfly_runtime::shape::Shape;
use std::collections::HashMap;

/// How code looks at its store's `Watch`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looks {
    /// By a segment that starts at it: one instruction and no register. Cranelift does not know segments. So it is
    /// given a test of a place on the stack instead, behind a `sequence_point` by which `tighten` finds it.
    Segment,
    /// By its address, which the store has.
    Address,
}

impl Looks {
    /// The better one that the machine at hand has.
    pub fn here() -> Looks {
        if arch::has_segment() { Looks::Segment } else { Looks::Address }
    }
}

/// What all functions of a module are lowered with.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The module and its layout.
    pub shape: &'a Shape,
    /// The machine.
    pub isa: &'a dyn TargetIsa,
    /// How it looks whether it is to be interrupted.
    pub looks: Looks,
    /// The module's function types as machine code sees them.
    pub signatures: &'a Signatures,
    /// What is known of the module's tables and globals.
    pub facts: &'a Facts,
    /// Which functions have compiled code, by position; the others stay with another maker of code.
    pub compiled: &'a [bool],
}

impl<'a> Env<'a> {
    /// The module.
    pub fn module(&self) -> &'a Module {
        self.shape.module()
    }

    /// Whether a function that the module defines is called directly.
    pub fn is_compiled(&self, func: DefinedFuncIdx) -> bool {
        self.compiled[func.index()]
    }

    /// How compiled functions of a type are called: the instance, the fuel if it is counted, then the
    /// arguments. The fuel comes back before the results.
    pub fn signature(&self, ty: &FuncType) -> Signature {
        let mut signature = Signature::new(CallConv::Tail);
        signature.params.push(AbiParam::special(I64, ArgumentPurpose::VMContext));
        if self.counts_fuel() {
            signature.params.push(AbiParam::new(I64));
            signature.returns.push(AbiParam::new(I64));
        }
        signature.params.extend(ty.params.iter().map(|ty| AbiParam::new(clif_type(*ty))));
        signature.returns.extend(ty.results.iter().map(|ty| AbiParam::new(clif_type(*ty))));
        signature
    }

    /// How many parameters come before a function's own.
    pub fn hidden_params(&self) -> usize {
        1 + usize::from(self.counts_fuel())
    }

    /// Whether fuel is an argument and a result.
    pub fn counts_fuel(&self) -> bool {
        self.shape.config().fuel
    }
}

/// The function types of a module, those taken together that look the same in registers.
#[derive(Debug)]
pub struct Signatures {
    of_type: Vec<u32>,
    types: Vec<FuncType>,
}

impl Signatures {
    /// Numbers the function types of a module.
    pub fn new(module: &Module) -> Signatures {
        let mut numbers: HashMap<FuncType, u32> = HashMap::new();
        let mut types = Vec::new();
        let of_type = module.types().iter().map(|ty| {
            let Some(ty) = ty.as_func() else { return u32::MAX };
            let plain = |types: &[ValType]| types.iter().map(|ty| without_heap(*ty)).collect::<Box<[_]>>();
            let ty = FuncType::new(plain(&ty.params), plain(&ty.results));
            *numbers.entry(ty).or_insert_with_key(|ty| {
                types.push(ty.clone());
                types.len() as u32 - 1
            })
        });
        let of_type = of_type.collect();
        Signatures { of_type, types }
    }

    /// The number of a function type.
    pub fn number(&self, ty: TypeIdx) -> u32 {
        self.of_type[ty.index()]
    }

    /// The function type of a number, its references all `externref` or `funcref`.
    pub fn ty(&self, number: u32) -> &FuncType {
        &self.types[number as usize]
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.types.len()
    }
}

/// In registers all references are alike, so their types are left out.
fn without_heap(ty: ValType) -> ValType {
    if ty.as_ref().is_some() { ValType::EXTERNREF } else { ty }
}

/// The type of a value in registers.
pub fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => I32,
        ValType::I64 | ValType::Ref(_) => I64,
        ValType::F32 => F32,
        ValType::F64 => F64,
        ValType::V128 => I8X16,
    }
}

/// Whether values of a type are references to the GC heap, which the collector changes.
pub fn is_traced(module: &Module, ty: ValType) -> bool {
    let Some(RefType { heap, .. }) = ty.as_ref() else { return false };
    match heap {
        HeapType::Func | HeapType::NoFunc | HeapType::Cont | HeapType::NoCont => false,
        HeapType::Concrete(ty) => {
            matches!(module.types()[ty.index()].composite, CompositeType::Struct(_) | CompositeType::Array(_))
        }
        _ => true,
    }
}

/// A part of memory that no other part overlaps, for Cranelift's alias analysis.
/// Every load and store names one: one without would be a barrier for all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Region {
    /// What never changes while an instance exists.
    Fixed,
    /// What changes in an instance's block but globals: lengths, bases of tables.
    Vm,
    /// The state of the store.
    Store,
    /// Arguments of the runtime, on the stack.
    Slots,
    /// Function references.
    Func,
    /// Objects of the GC heap.
    Heap,
    /// A linear memory.
    Memory(u32),
    /// The entries of a table.
    Table(u32),
    /// A global.
    Global(u32),
}

/// The region of references that are kept on the stack for the collector.
pub fn root_region() -> AliasRegionData {
    AliasRegionData { user_id: 6, description: "roots".into() }
}

/// Globals with a region of their own; the others share one.
const MANY: u32 = 24;

impl Region {
    /// The region in a function. Imported memories, tables and globals may be one, so all of
    /// a kind share a region.
    pub fn of(self, module: &Module, func: &mut Function) -> AliasRegion {
        let imported = module.imported();
        let own =
            |index: u32, imports: u32| if index < imports { 0 } else { 1 + (index - imports).min(MANY) };
        let (user_id, description) = match self {
            Region::Fixed => (0, "fixed"),
            Region::Vm => (1, "instance"),
            Region::Store => (2, "store"),
            Region::Slots => (3, "slots"),
            Region::Func => (4, "function references"),
            Region::Heap => (5, "heap"),
            Region::Memory(index) => (0x100 + own(index, imported.memories), "memory"),
            Region::Table(index) => (0x200 + own(index, imported.tables), "table"),
            Region::Global(index) => (0x300 + own(index, imported.globals), "global"),
        };
        func.dfg.alias_regions.insert(AliasRegionData { user_id, description: description.into() })
    }
}
