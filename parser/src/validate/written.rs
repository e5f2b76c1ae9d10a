//! Which tables and globals a module's bodies write. It is noted while they are validated, for nobody else reads all of
//! them before code is made. Invariant: what is not noted is not written by any body that is valid.

use core::sync::atomic::{AtomicBool, Ordering};
use wasmparser::{BinaryReader, FrameStack, ModuleArity, Operator};

/// Opcodes.
const GLOBAL_SET: u8 = 0x24;
const TABLE_SET: u8 = 0x26;
/// How `table.grow` begins, and the operators on many entries.
const BULK: u8 = 0xfc;

/// What is written, by index.
#[derive(Debug, Default)]
pub(crate) struct Written {
    tables: Box<[AtomicBool]>,
    globals: Box<[AtomicBool]>,
}

impl Written {
    /// Nothing yet, of so many tables and globals.
    pub fn new(tables: usize, globals: usize) -> Written {
        let none = |count| (0..count).map(|_| AtomicBool::new(false)).collect();
        Written { tables: none(tables), globals: none(globals) }
    }

    /// Notes what the next operator writes, which begins with the byte `first`. What cannot be read, or there is not, is
    /// left to the validator.
    #[inline]
    pub fn note(&self, first: u8, reader: &BinaryReader<'_>, state: &(impl ModuleArity + FrameStack)) {
        if matches!(first, GLOBAL_SET | TABLE_SET | BULK) {
            self.note_operator(reader, state);
        }
    }

    fn note_operator(&self, reader: &BinaryReader<'_>, state: &(impl ModuleArity + FrameStack)) {
        let (which, index) = match reader.peek_operator(state) {
            Ok(Operator::GlobalSet { global_index }) => (&self.globals, global_index),
            Ok(
                Operator::TableSet { table }
                | Operator::TableGrow { table }
                | Operator::TableFill { table }
                | Operator::TableInit { table, .. }
                | Operator::TableCopy { dst_table: table, .. },
            ) => (&self.tables, table),
            _ => return,
        };
        if let Some(written) = which.get(index as usize)
            && !written.load(Ordering::Relaxed)
        {
            // Threads are joined before it is asked for.
            written.store(true, Ordering::Relaxed);
        }
    }

    /// Whether bodies may write a table. So they may if they were not all looked at.
    pub fn table(&self, index: usize) -> bool {
        may(&self.tables, index)
    }

    /// Whether bodies may write a global.
    pub fn global(&self, index: usize) -> bool {
        may(&self.globals, index)
    }
}

fn may(written: &[AtomicBool], index: usize) -> bool {
    written.get(index).is_none_or(|written| written.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use crate::{Config, GlobalIdx, Module, TableIdx, Validation};

    #[test]
    fn what_bodies_write_is_known_if_they_were_all_looked_at() {
        let text = "(module
            (table $set 1 funcref) (table $grown 1 funcref) (table $filled 1 funcref) (table $copied 1 funcref)
            (table $inited 1 funcref) (table $read 1 funcref)
            (global $a (mut i32) (i32.const 1)) (global $b (mut i32) (i32.const 1))
            (elem $e func)
            (func (param i32)
              (table.set $set (local.get 0) (ref.null func))
              (drop (table.grow $grown (ref.null func) (local.get 0)))
              (table.fill $filled (local.get 0) (ref.null func) (local.get 0))
              (table.copy $copied $read (local.get 0) (local.get 0) (local.get 0))
              (table.init $inited $e (local.get 0) (local.get 0) (local.get 0))
              (drop (table.size $read))
              (call_indirect $read (local.get 0)))
            (func (global.set $b (global.get $a))))";
        let wasm = wat::parse_str(text).unwrap();
        let module = Module::new(wasm.clone(), &Config::default()).unwrap();
        let tables: Vec<_> = (0..6).map(|n| module.writes_table(TableIdx(n))).collect();
        assert_eq!(tables, [true, true, true, true, true, false]);
        assert!(!module.writes_global(GlobalIdx(0)) && module.writes_global(GlobalIdx(1)));

        let lazy = Config { validation: Validation::Lazy, ..Config::default() };
        let module = Module::new(wasm, &lazy).unwrap();
        assert!(module.writes_table(TableIdx(5)) && module.writes_global(GlobalIdx(0)));
    }
}
