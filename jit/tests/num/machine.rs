//! Compiles a function around one operator for a set of processor features, and calls it.
//! The only unsafe code is the call.

use crate::cases::Case;
use crate::values::{Bits, Memory};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::types::*;
use cranelift_codegen::ir::{
    AbiParam, Endianness, Function, InstBuilder, MemFlagsData, Signature, Type, UserFuncName, Value,
};
use cranelift_codegen::isa::{self, CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use dayfly_jit::num::NumCx;
use dayfly_jit::trap_code::trap_of;
use dayfly_parser::ValType;
use memmap2::{Mmap, MmapMut};
use std::collections::BTreeSet;
use std::fmt;

/// Settings to compile for.
#[derive(Clone)]
pub struct Machine {
    /// Processor features above those that every x86-64 has.
    features: Vec<&'static str>,
    opt_level: &'static str,
    isa: OwnedTargetIsa,
    /// Whether relaxed operators have their deterministic form.
    pub relaxed_deterministic: bool,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "x86-64 {:?}, opt_level {}", self.features, self.opt_level)
    }
}

/// The processor features that this machine has, in the order in which they appeared.
fn features() -> Vec<&'static str> {
    use std::arch::is_x86_feature_detected as detected;
    let features = [
        (detected!("sse3"), "has_sse3"),
        (detected!("ssse3"), "has_ssse3"),
        (detected!("sse4.1"), "has_sse41"),
        (detected!("sse4.2"), "has_sse42"),
        (detected!("popcnt"), "has_popcnt"),
        (detected!("avx"), "has_avx"),
        (detected!("avx2"), "has_avx2"),
        (detected!("bmi1"), "has_bmi1"),
        (detected!("bmi2"), "has_bmi2"),
        (detected!("lzcnt"), "has_lzcnt"),
        (detected!("fma"), "has_fma"),
        (detected!("avx512f"), "has_avx512f"),
        (detected!("avx512dq"), "has_avx512dq"),
        (detected!("avx512vl"), "has_avx512vl"),
        (detected!("avx512bitalg"), "has_avx512bitalg"),
        (detected!("avx512vbmi"), "has_avx512vbmi"),
        (detected!("avx512vnni"), "has_avx512vnni"),
    ];
    features.into_iter().filter_map(|(found, flag)| found.then_some(flag)).collect()
}

/// Machines from the oldest to this one.
pub fn all() -> Vec<Machine> {
    let all = features();
    let up_to = |last: &str| all.iter().position(|&feature| feature == last).map(|i| all[..=i].to_vec());
    let sets = [Some(vec![]), up_to("has_ssse3"), up_to("has_popcnt"), up_to("has_avx"), Some(all.clone())];
    let sets: BTreeSet<Vec<&str>> = sets.into_iter().flatten().collect();
    let unoptimised = [vec![], all].map(|features| Machine::new(features, "none"));
    sets.into_iter().map(|features| Machine::new(features, "speed")).chain(unoptimised).collect()
}

/// Where the operands come from.
#[derive(Clone, Copy)]
pub enum Operands<'a> {
    /// They are loaded, as the instructions may do by themselves.
    InMemory,
    /// They are constants, which the optimiser may fold.
    Constant(&'a [Bits]),
}

/// The machine code of one operator.
pub struct Compiled {
    code: Mmap,
    traps: BTreeSet<&'static str>,
}

impl Compiled {
    /// The messages of the traps that the code can raise.
    pub fn traps(&self) -> BTreeSet<&'static str> {
        self.traps.clone()
    }

    /// Runs the code.
    pub fn call(&self, operands: &[Bits], results: &mut [Bits; 2], memory: &mut Memory) {
        type Code = extern "C" fn(*const Bits, *mut Bits, *mut u8);
        // SAFETY: the code is a function of this signature; it reads as many operands as
        // there are, writes at most two results, and accesses memory within its bounds.
        unsafe {
            let code = core::mem::transmute::<*const u8, Code>(self.code.as_ptr());
            code(operands.as_ptr(), results.as_mut_ptr(), memory.0.as_mut_ptr());
        }
    }
}

/// The type of a value in CLIF.
fn clif(ty: ValType) -> Type {
    match ty {
        ValType::I32 => I32,
        ValType::I64 => I64,
        ValType::F32 => F32,
        ValType::F64 => F64,
        ValType::V128 => I8X16,
        ty => unreachable!("no operator of the table takes {ty:?}"),
    }
}

/// A value as a constant.
fn constant(b: &mut FunctionBuilder, ty: Type, bits: &Bits) -> Value {
    let low = u64::from_le_bytes(bits.0[..8].try_into().unwrap());
    match ty {
        F32 => b.ins().f32const(f32::from_bits(low as u32)),
        F64 => b.ins().f64const(f64::from_bits(low)),
        I8X16 => {
            let constant = b.func.dfg.constants.insert(bits.0.as_slice().into());
            b.ins().vconst(I8X16, constant)
        }
        I32 => b.ins().iconst(I32, i64::from(low as u32)),
        _ => b.ins().iconst(ty, low as i64),
    }
}

impl Machine {
    fn new(features: Vec<&'static str>, opt_level: &'static str) -> Machine {
        let mut flags = settings::builder();
        flags.set("opt_level", opt_level).unwrap();
        flags.set("enable_verifier", "true").unwrap();
        flags.set("regalloc_checker", "true").unwrap();
        let mut isa = isa::lookup_by_name("x86_64-unknown-linux-gnu").unwrap();
        for feature in &features {
            isa.enable(feature).unwrap();
        }
        let isa = isa.finish(settings::Flags::new(flags)).unwrap();
        Machine { features, opt_level, isa, relaxed_deterministic: true }
    }

    /// Compiles a function around an operator.
    pub fn compile(&self, case: &Case, operands: Operands) -> Compiled {
        let isa = &self.isa;
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params = vec![AbiParam::new(I64); 3];
        let mut context =
            Context::for_function(Function::with_name_signature(UserFuncName::default(), signature));
        let mut builder_context = FunctionBuilderContext::new();
        let mut b = FunctionBuilder::new(&mut context.func, &mut builder_context);
        let block = b.create_block();
        b.append_block_params_for_function_params(block);
        b.switch_to_block(block);
        b.seal_block(block);
        let [from, to, memory] = *b.block_params(block) else { unreachable!() };

        // Plain flags: operands may be misaligned, and reading them may trap, as a guest's.
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        let quiet = flags.with_notrap();
        let operands = case.operands.iter().enumerate().map(|(i, &ty)| match operands {
            Operands::InMemory => b.ins().load(clif(ty), quiet, from, 16 * i as i32),
            Operands::Constant(values) => constant(&mut b, clif(ty), &values[i]),
        });
        let operands = operands.collect();
        let cx = NumCx { isa: &**isa, relaxed_deterministic: self.relaxed_deterministic };
        let results = (case.emit)(&mut b, &cx, memory, operands);
        assert_eq!(results.len(), case.results.len());
        for (i, (&value, &ty)) in results.iter().zip(case.results).enumerate() {
            assert_eq!(b.func.dfg.value_type(value), clif(ty), "{}", case.name);
            b.ins().store(quiet, value, to, 16 * i as i32);
        }
        b.ins().return_(&[]);
        b.finalize(isa.frontend_config());

        let code = match context.compile(&**isa, &mut ControlPlane::default()) {
            Ok(code) => code,
            Err(error) => panic!("{} on {self}: {:?}", case.name, error.inner),
        };
        assert!(code.buffer.relocs().is_empty(), "{} on {self} calls a library", case.name);
        let traps = code.buffer.traps().iter();
        let traps = traps.map(|trap| trap_of(trap.code).expect("a known trap").message()).collect();
        let mut map = MmapMut::map_anon(code.code_buffer().len()).unwrap();
        map.copy_from_slice(code.code_buffer());
        Compiled { code: map.make_exec().unwrap(), traps }
    }
}
