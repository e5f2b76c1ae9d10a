//! Modules as wasmi gets them: the condition of each `select` is the result of `i32.or` with zero.
//!
//! wasmi 2.0.0 makes one operator of a comparison with zero and a `select` after it, and then takes the condition from a
//! register that the comparison had not been given. Invariant: the module does what it did.

use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Instruction, Module};
use wasmparser::{FunctionBody, Parser};

/// The module with its comparisons apart from its selections; `None` if it cannot be read.
pub fn apart(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut module = Module::new();
    Apart.parse_core_module(&mut module, Parser::new(0), wasm).ok()?;
    Some(module.finish())
}

struct Apart;

impl Reencode for Apart {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let instruction = self.parse_instruction(&mut operators)?;
            if matches!(instruction, Instruction::Select | Instruction::TypedSelect(_)) {
                function.instruction(&Instruction::I32Const(0)).instruction(&Instruction::I32Or);
            }
            function.instruction(&instruction);
        }
        code.function(&function);
        Ok(())
    }
}
