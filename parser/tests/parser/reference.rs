//! What a cursor should deliver, worked out a second time: wasmparser reads and types
//! every operator, dead or not, and a few lines here follow which can be reached.

use wasmparser::{
    BinaryReader, FuncValidator, Operator, Parser, ValidPayload, Validator, ValidatorResources, WasmFeatures,
    types::Types,
};

/// An operator that should be delivered, and what is known of it.
pub struct Expected<'a> {
    pub offset: usize,
    pub op: Operator<'a>,
    /// Whether it is reached; otherwise it closes an arm that was entered.
    pub live: bool,
    /// Operand types from the bottom, where it is live.
    pub operands: Vec<wasmparser::ValType>,
    /// Heights of the control frames, the function's first.
    pub heights: Vec<usize>,
}

/// A module as wasmparser sees it.
pub struct Reference<'a> {
    pub types: Types,
    pub bodies: Vec<Vec<Expected<'a>>>,
    /// All operators of each body, reached or not, and where they are.
    pub operators: Vec<Vec<(Operator<'a>, usize)>>,
}

/// Validates with wasmparser alone.
pub fn reference(bytes: &[u8], features: WasmFeatures) -> Result<Reference<'_>, wasmparser::Error> {
    let mut validator = Validator::new_with_features(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut funcs = Vec::new();
    let mut types = None;
    for payload in parser.parse_all(bytes) {
        match validator.payload(&payload?)? {
            ValidPayload::Func(func, body) => funcs.push((func, body)),
            ValidPayload::End(end) => types = Some(end),
            _ => {}
        }
    }
    let (mut bodies, mut operators) = (Vec::new(), Vec::new());
    for (func, body) in funcs {
        let mut validator = func.into_validator(Default::default());
        let mut reader = body.get_binary_reader();
        reader.set_features(features);
        validator.read_locals(&mut reader)?;
        let mut all = Vec::new();
        bodies.push(read_body(&mut validator, reader, &mut all)?);
        operators.push(all);
    }
    Ok(Reference { types: types.expect("a module ends"), bodies, operators })
}

/// Reachability of one control frame.
struct Frame {
    entered: bool,
    is_loop: bool,
    is_if: bool,
    end_reached: bool,
}

fn read_body<'a>(
    validator: &mut FuncValidator<ValidatorResources>,
    mut reader: BinaryReader<'a>,
    all: &mut Vec<(Operator<'a>, usize)>,
) -> Result<Vec<Expected<'a>>, wasmparser::Error> {
    let mut expected = Vec::new();
    let mut frames = vec![Frame { entered: true, is_loop: false, is_if: false, end_reached: false }];
    let mut live = true;
    while !reader.eof() {
        let offset = reader.original_position();
        let op = reader.peek_operator(&validator.visitor(offset))?;
        all.push((op.clone(), offset as usize));
        let closes = matches!(
            op,
            Operator::Else
                | Operator::End
                | Operator::Catch { .. }
                | Operator::CatchAll
                | Operator::Delegate { .. }
        );
        let deliver = if closes { frames.last().unwrap().entered } else { live };
        if deliver && !matches!(op, Operator::Nop | Operator::Pause) {
            if live {
                assert!(!validator.get_control_frame(0).unwrap().unreachable, "{op:?} at {offset:#x}");
            }
            let height = validator.operand_stack_height() as usize;
            let operand =
                |depth| validator.get_operand_type(depth).unwrap().expect("a live operand has a type");
            let depth = validator.control_stack_height() as usize;
            expected.push(Expected {
                offset: offset as usize,
                op: op.clone(),
                live,
                operands: if live { (0..height).rev().map(operand).collect() } else { Vec::new() },
                heights: (0..depth).rev().map(|d| validator.get_control_frame(d).unwrap().height).collect(),
            });
        }
        follow(&op, &mut frames, &mut live);
        reader.visit_operator(&mut validator.visitor(offset))??;
    }
    Ok(expected)
}

/// Follows an operator: what does it branch to, and is what follows it reached?
fn follow(op: &Operator<'_>, frames: &mut Vec<Frame>, live: &mut bool) {
    let mut open = |is_loop, is_if| frames.push(Frame { entered: *live, is_loop, is_if, end_reached: false });
    match op {
        Operator::Block { .. } | Operator::Try { .. } => open(false, false),
        Operator::Loop { .. } => open(true, false),
        Operator::If { .. } => open(false, true),
        Operator::TryTable { try_table } => {
            for catch in &try_table.catches {
                use wasmparser::Catch::*;
                let (One { label, .. } | OneRef { label, .. } | All { label } | AllRef { label }) = catch;
                branch(*label, frames, *live);
            }
            frames.push(Frame { entered: *live, is_loop: false, is_if: false, end_reached: false });
        }
        Operator::Else | Operator::Catch { .. } | Operator::CatchAll => {
            let frame = frames.last_mut().unwrap();
            frame.end_reached |= *live;
            frame.is_if = false;
            *live = frame.entered;
        }
        Operator::End | Operator::Delegate { .. } => {
            let frame = frames.pop().unwrap();
            *live = frame.entered && (*live || frame.end_reached || frame.is_if);
        }
        Operator::BrIf { relative_depth }
        | Operator::BrOnNull { relative_depth }
        | Operator::BrOnNonNull { relative_depth }
        | Operator::BrOnCast { relative_depth, .. }
        | Operator::BrOnCastFail { relative_depth, .. } => branch(*relative_depth, frames, *live),
        Operator::Br { relative_depth } => {
            branch(*relative_depth, frames, *live);
            *live = false;
        }
        Operator::BrTable { targets } => {
            for target in targets.targets() {
                branch(target.unwrap(), frames, *live);
            }
            branch(targets.default(), frames, *live);
            *live = false;
        }
        Operator::Unreachable
        | Operator::Return
        | Operator::ReturnCall { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::ReturnCallRef { .. }
        | Operator::Throw { .. }
        | Operator::ThrowRef
        | Operator::Rethrow { .. } => *live = false,
        _ => {}
    }
}

fn branch(depth: u32, frames: &mut [Frame], live: bool) {
    let target = frames.len() - 1 - depth as usize;
    frames[target].end_reached |= live && !frames[target].is_loop;
}
