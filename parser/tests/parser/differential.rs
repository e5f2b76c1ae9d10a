//! The cursor against wasmparser: the same operators at the same places with the same
//! operand types, immediates and branch targets, and nothing else.

use crate::reference::{Expected, Reference, reference};
use dayfly_parser::*;
use wasmparser::{Operator, WasmFeatures};

/// Checks every body of a module that both accept; returns how many operators were seen.
pub fn compare(bytes: &[u8], config: &Config, features: WasmFeatures) -> usize {
    let module = match Module::new(bytes, config) {
        Ok(module) => module,
        Err(error) => panic!("{error}"),
    };
    let reference = reference(bytes, features).expect("dayfly accepts it");
    assert_eq!(module.bodies().len(), reference.bodies.len());
    let mut buffers = CursorBuffers::default();
    let mut count = 0;
    for (i, body) in reference.bodies.iter().enumerate() {
        let mut cursor = Cursor::with_buffers(&module, DefinedFuncIdx(i as u32), buffers).unwrap();
        for expected in body {
            let op = cursor.next().unwrap();
            let op = op.unwrap_or_else(|| panic!("no operator, but {:?}", expected.op));
            compare_op(&cursor, &op, expected, &reference);
        }
        assert_eq!(cursor.next().unwrap(), None);
        assert_eq!(cursor.next().unwrap(), None);
        count += body.len();
        compare_skimmed(&module, DefinedFuncIdx(i as u32), &reference.operators[i]);
        buffers = cursor.into_buffers();
    }
    count
}

/// Behind the first delivered operator, `Skim` tells of the same as wasmparser, which reads unreachable ones, too.
fn compare_skimmed(module: &Module, func: DefinedFuncIdx, operators: &[(Operator<'_>, usize)]) {
    let mut cursor = Cursor::new(module, func).unwrap();
    cursor.next().unwrap();
    let behind = operators.iter().filter(|(_, offset)| *offset > cursor.offset());
    let expected = behind.filter_map(|(op, offset)| match op {
        Operator::Loop { .. } => Some(Skimmed::Loop(*offset)),
        Operator::Block { .. } | Operator::If { .. } => Some(Skimmed::Block),
        Operator::Try { .. } | Operator::TryTable { .. } => Some(Skimmed::Try),
        Operator::End | Operator::Delegate { .. } => Some(Skimmed::Close),
        Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
            Some(Skimmed::Call)
        }
        Operator::LocalGet { local_index } | Operator::LocalTee { local_index } => {
            Some(Skimmed::Read(LocalIdx(*local_index)))
        }
        _ => None,
    });
    assert!(cursor.skim().eq(expected), "{func:?}");
}

fn compare_op(cursor: &Cursor<'_>, op: &Op, expected: &Expected<'_>, reference: &Reference<'_>) {
    let at = format!("{op:?} for {:?} at {:#x}", expected.op, expected.offset);
    assert_eq!(cursor.offset(), expected.offset, "{at}");
    assert_eq!(plain(op.name()), plain(&name_of(&expected.op)), "{at}");
    match *op {
        Op::Else { live } | Op::End { live } | Op::Catch { live, .. } | Op::Delegate { live, .. } => {
            assert_eq!(live, expected.live, "{at}");
        }
        _ => {}
    }
    if expected.live {
        let same = cursor.operands().len() == expected.operands.len()
            && cursor.operands().iter().zip(&expected.operands).all(|(a, b)| same_type(*a, *b, reference));
        assert!(same, "{at}: {:?} but {:?}", cursor.operands(), expected.operands);
    } else {
        assert_eq!(cursor.operands().len(), *expected.heights.last().unwrap(), "{at}");
    }
    // An operator that opens a frame is delivered with it.
    let opens = matches!(op, Op::Block(_) | Op::Loop(_) | Op::If(_) | Op::Try(_) | Op::TryTable(_));
    let heights: Vec<usize> = cursor.frames().map(|frame| frame.height as usize).collect();
    let around = &heights[..heights.len() - usize::from(opens)];
    assert_eq!(around, expected.heights, "{at}");
    assert_eq!(cursor.frame_count() as usize, heights.len());
    if opens {
        let frame = cursor.frame(cursor.frame_count() - 1).unwrap();
        let condition = usize::from(matches!(op, Op::If(_)));
        assert_eq!(frame.height as usize + frame.params.len() + condition, cursor.operands().len(), "{at}");
    }
    compare_immediates(cursor, op, expected, &at);
}

fn compare_immediates(cursor: &Cursor<'_>, op: &Op, expected: &Expected<'_>, at: &str) {
    let label = |label: Label, depth: u32| {
        let frame = expected.heights.len() - 1 - depth as usize;
        assert_eq!(label.frame as usize, frame, "{at}");
        let target = cursor.frame(label.frame).unwrap();
        assert_eq!(label.is_loop, target.kind == FrameKind::Loop, "{at}");
        assert_eq!((label.height, expected.heights[frame]), (target.height, label.height as usize), "{at}");
        let carried = if label.is_loop { target.params } else { target.results };
        assert_eq!(label.arity as usize, carried.len(), "{at}");
        assert!(label.is_loop || target.end_reached, "{at}");
    };
    match (op, &expected.op) {
        (Op::Br(l), Operator::Br { relative_depth })
        | (Op::BrIf(l), Operator::BrIf { relative_depth })
        | (Op::BrOnNull(l), Operator::BrOnNull { relative_depth })
        | (Op::BrOnNonNull(l), Operator::BrOnNonNull { relative_depth })
        | (Op::BrOnCast { label: l, .. }, Operator::BrOnCast { relative_depth, .. })
        | (Op::BrOnCastFail { label: l, .. }, Operator::BrOnCastFail { relative_depth, .. }) => {
            label(*l, *relative_depth);
        }
        (Op::BrTable, Operator::BrTable { targets }) => {
            let depths = targets.targets().map(Result::unwrap).chain([targets.default()]);
            assert_eq!(cursor.br_targets().len(), targets.len() as usize + 1);
            cursor.br_targets().iter().zip(depths).for_each(|(l, depth)| label(*l, depth));
        }
        (Op::TryTable(_), Operator::TryTable { try_table }) => {
            assert_eq!(cursor.catches().len(), try_table.catches.len());
            for (ours, theirs) in cursor.catches().iter().zip(&try_table.catches) {
                let (kind, depth) = match *theirs {
                    wasmparser::Catch::One { tag, label } => (CatchKind::Tag(TagIdx(tag)), label),
                    wasmparser::Catch::OneRef { tag, label } => (CatchKind::TagRef(TagIdx(tag)), label),
                    wasmparser::Catch::All { label } => (CatchKind::All, label),
                    wasmparser::Catch::AllRef { label } => (CatchKind::AllRef, label),
                };
                assert_eq!(ours.kind, kind, "{at}");
                label(ours.label, depth);
            }
        }
        (Op::Delegate { frame, .. }, Operator::Delegate { relative_depth }) => {
            assert_eq!(*frame as usize, expected.heights.len() - 2 - *relative_depth as usize, "{at}");
        }
        (Op::Rethrow { frame }, Operator::Rethrow { relative_depth }) => {
            assert_eq!(*frame as usize, expected.heights.len() - 1 - *relative_depth as usize, "{at}");
            assert_eq!(cursor.frame(*frame).unwrap().kind, FrameKind::Catch, "{at}");
        }
        _ => compare_numbers(op, &expected.op, at),
    }
}

/// Compares the numbers in both debug representations, in order. They differ only where one
/// says more (types, alignments) or names the same number otherwise.
fn compare_numbers(op: &Op, expected: &Operator<'_>, at: &str) {
    match (op, expected) {
        (Op::I32Const(a), Operator::I32Const { value }) => assert_eq!(a, value),
        (Op::I64Const(a), Operator::I64Const { value }) => assert_eq!(a, value),
        (Op::F32Const(a), Operator::F32Const { value }) => assert_eq!(*a, value.bits()),
        (Op::F64Const(a), Operator::F64Const { value }) => assert_eq!(*a, value.bits()),
        (Op::V128Const(a), Operator::V128Const { value }) => assert_eq!(a, value.bytes()),
        (Op::I8x16Shuffle(a), Operator::I8x16Shuffle { lanes }) => assert_eq!(a, lanes),
        (Op::CallIndirect { ty, table }, Operator::CallIndirect { type_index, table_index })
        | (Op::ReturnCallIndirect { ty, table }, Operator::ReturnCallIndirect { type_index, table_index }) => {
            assert_eq!((ty.0, table.0), (*type_index, *table_index));
        }
        (Op::MemoryCopy { dst, src }, Operator::MemoryCopy { dst_mem, src_mem }) => {
            assert_eq!((dst.0, src.0), (*dst_mem, *src_mem));
        }
        (Op::MemoryInit { memory, data }, Operator::MemoryInit { data_index, mem }) => {
            assert_eq!((memory.0, data.0), (*mem, *data_index));
        }
        (Op::TableCopy { dst, src }, Operator::TableCopy { dst_table, src_table }) => {
            assert_eq!((dst.0, src.0), (*dst_table, *src_table));
        }
        (Op::TableInit { table, elem }, Operator::TableInit { elem_index, table: theirs }) => {
            assert_eq!((table.0, elem.0), (*theirs, *elem_index));
        }
        (
            Op::Load(_, m)
            | Op::Store(_, m)
            | Op::LoadLane(_, m, _)
            | Op::StoreLane(_, m, _)
            | Op::AtomicLoad(_, m)
            | Op::AtomicStore(_, m)
            | Op::AtomicRmw(_, m)
            | Op::AtomicCmpxchg(_, m)
            | Op::AtomicNotify(m)
            | Op::AtomicWait32(m)
            | Op::AtomicWait64(m),
            theirs,
        ) => {
            let text = format!("{theirs:?}");
            let wanted = format!(
                "MemArg {{ align: {}, max_align: {}, offset: {}, target: Memory({})",
                m.align_log2,
                text.split("max_align: ").nth(1).unwrap().split(',').next().unwrap(),
                m.offset,
                m.memory
            );
            assert!(text.contains(&wanted), "{at}: {wanted} in {text}");
            if let Op::LoadLane(_, _, lane) | Op::StoreLane(_, _, lane) = op {
                assert!(text.contains(&format!("lane: {lane} ")), "{at}");
            }
        }
        // The rest is indices alone, in the same order in both.
        (
            Op::LocalGet(_)
            | Op::LocalSet(_)
            | Op::LocalTee(_)
            | Op::GlobalGet(_)
            | Op::GlobalSet(_)
            | Op::Call(_)
            | Op::CallRef(_)
            | Op::ReturnCall(_)
            | Op::ReturnCallRef(_)
            | Op::Throw(_)
            | Op::MemorySize(_)
            | Op::MemoryGrow(_)
            | Op::MemoryFill(_)
            | Op::DataDrop(_)
            | Op::TableGet(_)
            | Op::TableSet(_)
            | Op::TableSize(_)
            | Op::TableGrow(_)
            | Op::TableFill(_)
            | Op::ElemDrop(_)
            | Op::RefFunc(_)
            | Op::StructNew(_)
            | Op::StructNewDefault(_)
            | Op::StructGet(..)
            | Op::StructSet(..)
            | Op::ArrayNew(_)
            | Op::ArrayNewDefault(_)
            | Op::ArrayNewFixed(..)
            | Op::ArrayNewData(..)
            | Op::ArrayNewElem(..)
            | Op::ArrayGet(..)
            | Op::ArraySet(_)
            | Op::ArrayFill(_)
            | Op::ArrayCopy { .. }
            | Op::ArrayInitData(..)
            | Op::ArrayInitElem(..),
            theirs,
        ) => assert_eq!(numbers(&format!("{op:?}")), numbers(&format!("{theirs:?}")), "{at}"),
        _ => {}
    }
}

/// Numbers that stand alone in a debug representation.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.parse().ok()).collect()
}

/// The variant's name, where several are one operator in the text format that one.
fn name_of(op: &Operator<'_>) -> String {
    match op {
        Operator::TypedSelect { .. } => "select".into(),
        Operator::RefTestNonNull { .. } | Operator::RefTestNullable { .. } => "ref.test".into(),
        Operator::RefCastNonNull { .. } | Operator::RefCastNullable { .. } => "ref.cast".into(),
        op => format!("{op:?}").split([' ', '{']).next().unwrap().into(),
    }
}

/// A name without what the two spellings differ in.
fn plain(name: &str) -> String {
    name.replace(['.', '_'], "").to_lowercase()
}

fn same_type(ours: ValType, theirs: wasmparser::ValType, reference: &Reference<'_>) -> bool {
    match (ours, theirs) {
        (ValType::Ref(ours), wasmparser::ValType::Ref(theirs)) => {
            let same_heap = match (ours.heap, theirs.heap_type()) {
                (HeapType::Concrete(index), wasmparser::HeapType::Concrete(theirs)) => {
                    let types = reference.types.as_ref();
                    Some(types.core_type_at_in_module(index.0)) == theirs.as_core_type_id()
                }
                (ours, wasmparser::HeapType::Abstract { shared: false, ty }) => {
                    ours.to_string() == format!("{ty:?}").to_lowercase()
                }
                _ => false,
            };
            ours.nullable == theirs.is_nullable() && same_heap
        }
        (ours, theirs) => ours.to_string() == theirs.to_string(),
    }
}

/// Every proposal that both the cursor and wasm-smith know.
fn smith_config(seed: u64) -> wasm_smith::Config {
    wasm_smith::Config {
        max_memories: 3,
        max_tables: 3,
        max_instructions: 400,
        min_funcs: 4,
        max_funcs: 20,
        min_types: 8,
        min_memories: 1,
        min_tables: 1,
        custom_page_sizes_enabled: true,
        acquire_release_atomics_enabled: seed.is_multiple_of(4),
        compact_imports_enabled: seed.is_multiple_of(2),
        generate_custom_sections: true,
        ..Default::default()
    }
}

/// A module made from a seed.
pub fn smith(seed: u64) -> Option<Vec<u8>> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let random: Vec<u8> = (0..30_000)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect();
    let mut input = arbitrary::Unstructured::new(&random);
    Some(wasm_smith::Module::new(smith_config(seed), &mut input).ok()?.to_bytes())
}

/// What random modules are decoded with, and the same for wasmparser.
pub fn smith_features() -> (Config, WasmFeatures) {
    let more = Features::ACQUIRE_RELEASE_ATOMICS.with(Features::COMPACT_IMPORTS);
    let config = Config { features: Features::default().with(more), ..Config::default() };
    let theirs = WasmFeatures::WASM3
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::ACQUIRE_RELEASE_ATOMICS
        | WasmFeatures::COMPACT_IMPORTS;
    (config, theirs)
}

#[test]
fn random_modules() {
    let (config, features) = smith_features();
    let (mut modules, mut ops) = (0, 0);
    for seed in 0..160 {
        if let Some(bytes) = smith(seed) {
            ops += compare(&bytes, &config, features);
            modules += 1;
        }
    }
    assert!(modules > 120 && ops > 20_000, "{modules} modules, {ops} operators");
}

#[test]
fn written_modules() {
    let (config, features) = smith_features();
    for text in crate::written::MODULES {
        let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
        assert!(compare(&bytes, &config, features) > 0);
    }
}
