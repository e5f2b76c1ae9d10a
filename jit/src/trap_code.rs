//! Traps as Cranelift's trap codes and back. Each trap of the runtime has a code of its
//! own; those that Cranelift raises by itself in its lowerings mean the same traps.

use cranelift_codegen::ir::TrapCode;
use dayfly_runtime::trap::Trap;

/// Trap codes from 251 on are Cranelift's own, and 0 is none.
const _: () = assert!(Trap::ALL.len() <= 250);

/// The code of a trap.
pub fn trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(trap as u8 + 1)
}

/// The trap of a code; `None` for a code that neither `trap_code` nor Cranelift makes.
pub fn trap_of(code: TrapCode) -> Option<Trap> {
    Some(match code {
        TrapCode::STACK_OVERFLOW => Trap::StackOverflow,
        TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
        TrapCode::HEAP_OUT_OF_BOUNDS => Trap::MemoryOutOfBounds,
        TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::IntegerDivideByZero,
        TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::BadConversionToInteger,
        _ => *Trap::ALL.get(usize::from(code.as_raw().get()) - 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trap_has_a_code_of_its_own() {
        for &trap in Trap::ALL {
            assert!(!TrapCode::non_user_traps().contains(&trap_code(trap)));
            assert_eq!(trap_of(trap_code(trap)), Some(trap));
        }
    }

    #[test]
    fn the_codes_of_cranelift_are_known_and_no_others() {
        for &code in TrapCode::non_user_traps() {
            assert!(trap_of(code).is_some(), "{code}");
        }
        assert_eq!(trap_of(TrapCode::unwrap_user(Trap::ALL.len() as u8 + 1)), None);
        assert_eq!(trap_of(TrapCode::unwrap_user(250)), None);
    }
}
