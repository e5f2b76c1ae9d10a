//! Whether what is given for an import is what the module expects.
//! Spec: exec/modules "External Typing", valid/matching "Externals".

use crate::instance::Blueprint;
use crate::store::{Extern, StoreOpaque};
use crate::types::{TypeId, TypeRegistry};
use core::fmt;
use dayfly_parser::{CompositeType, GlobalType, MemoryType, TableType};

/// The type of something that is imported or exported, in the canonical index
/// space. The minimum of a table or memory that exists is its present size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExternType {
    /// A function.
    Func(TypeId),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag.
    Tag(TypeId),
}

/// An import that cannot be satisfied: it is missing, or of an incompatible type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkError(Box<Mismatch>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Mismatch {
    module: Box<str>,
    name: Box<str>,
    expected: String,
    found: Option<String>,
}

impl LinkError {
    /// Nothing was given for the import at a position in the module's imports.
    #[cold]
    pub fn missing(blueprint: &Blueprint, import: usize) -> LinkError {
        LinkError::at(blueprint, import, None)
    }

    /// The first of the import's two names.
    pub fn module(&self) -> &str {
        &self.0.module
    }

    /// The second of the import's two names.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether nothing was given at all.
    pub fn is_missing(&self) -> bool {
        self.0.found.is_none()
    }

    /// What the module expects, in words.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What was given, in words; `None` if nothing was.
    pub fn found(&self) -> Option<&str> {
        self.0.found.as_deref()
    }

    #[cold]
    fn at(blueprint: &Blueprint, import: usize, found: Option<&ExternType>) -> LinkError {
        let names = &blueprint.module().imports()[import];
        let types = blueprint.shared().types();
        LinkError(Box::new(Mismatch {
            module: names.module.clone(),
            name: names.name.clone(),
            expected: blueprint.imports()[import].in_words(types),
            found: found.map(|found| found.in_words(types)),
        }))
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch { module, name, expected, found } = &*self.0;
        match found {
            Some(found) => {
                write!(
                    f,
                    "incompatible import type for `{module}::{name}`: expected {expected}, found {found}"
                )
            }
            None => write!(f, "unknown import: `{module}::{name}` has not been defined: expected {expected}"),
        }
    }
}

impl core::error::Error for LinkError {}

/// Checks that something of type `found` can be given for the import at a
/// position in the module's imports.
pub fn check_import(blueprint: &Blueprint, import: usize, found: &ExternType) -> Result<(), LinkError> {
    let types = blueprint.shared().types();
    if found.matches(&blueprint.imports()[import], types) {
        Ok(())
    } else {
        Err(LinkError::at(blueprint, import, Some(found)))
    }
}

impl ExternType {
    /// The type of something that is in a store.
    pub fn of(store: &StoreOpaque, item: &Extern) -> ExternType {
        match item {
            Extern::Func(f) => ExternType::Func(store.func_type_id(*f)),
            Extern::Table(t) => {
                ExternType::Table(TableType { min: store.table_size(*t), ..store.table_type(*t) })
            }
            Extern::Memory(m) => {
                ExternType::Memory(MemoryType { min: store.memory_size(*m), ..store.memory_type(*m) })
            }
            Extern::SharedMemory(m) => ExternType::Memory(m.ty()),
            Extern::Global(g) => ExternType::Global(store.global_type(*g)),
            Extern::Tag(t) => ExternType::Tag(store.tag_type(*t)),
        }
    }

    /// Whether something of this type can stand where `expected` is asked for.
    pub fn matches(&self, expected: &ExternType, types: &TypeRegistry) -> bool {
        match (self, expected) {
            (ExternType::Func(found), ExternType::Func(expected)) => types.is_subtype(*found, *expected),
            (ExternType::Table(found), ExternType::Table(expected)) => {
                found.element == expected.element
                    && found.table64 == expected.table64
                    && found.shared == expected.shared
                    && limits_match((found.min, found.max), (expected.min, expected.max))
            }
            (ExternType::Memory(found), ExternType::Memory(expected)) => {
                found.memory64 == expected.memory64
                    && found.shared == expected.shared
                    && found.page_size_log2 == expected.page_size_log2
                    && limits_match((found.min, found.max), (expected.min, expected.max))
            }
            (ExternType::Global(found), ExternType::Global(expected)) => {
                global_matches(found, expected, types)
            }
            (ExternType::Tag(found), ExternType::Tag(expected)) => found == expected,
            _ => false,
        }
    }

    /// The type as a person reads it.
    pub fn in_words(&self, types: &TypeRegistry) -> String {
        match self {
            ExternType::Func(ty) => format!("function {}", signature(*ty, types)),
            ExternType::Table(ty) => {
                let TableType { element, min, max, table64, shared } = ty;
                let limits = limits(*min, *max);
                format!("{}table {}{limits} of {element}", prefix(*shared), index_type(*table64))
            }
            ExternType::Memory(ty) => {
                let limits = limits(ty.min, ty.max);
                let words = format!("{}memory {}{limits}", prefix(ty.shared), index_type(ty.memory64));
                if ty.page_size_log2 == 16 {
                    words
                } else {
                    format!("{words} of pages of {} bytes", ty.page_size())
                }
            }
            ExternType::Global(ty) => {
                let mutability = if ty.mutable { "mutable " } else { "" };
                format!("{}{mutability}global {}", prefix(ty.shared), ty.content)
            }
            ExternType::Tag(ty) => format!("tag {}", signature(*ty, types)),
        }
    }
}

fn limits_match(found: (u64, Option<u64>), expected: (u64, Option<u64>)) -> bool {
    let below_max = |max| found.1.is_some_and(|found| found <= max);
    found.0 >= expected.0 && expected.1.is_none_or(below_max)
}

fn global_matches(found: &GlobalType, expected: &GlobalType, types: &TypeRegistry) -> bool {
    let content = if expected.mutable {
        found.content == expected.content
    } else {
        types.val_is_subtype(found.content, expected.content)
    };
    found.mutable == expected.mutable && found.shared == expected.shared && content
}

fn signature(ty: TypeId, types: &TypeRegistry) -> String {
    match &types.get(ty).composite {
        CompositeType::Func(func) => func.to_string(),
        _ => "of a type that is not a function's".to_owned(),
    }
}

fn limits(min: u64, max: Option<u64>) -> String {
    match max {
        Some(max) => format!("{min}..{max}"),
        None => min.to_string(),
    }
}

fn index_type(is_64: bool) -> &'static str {
    if is_64 { "i64 " } else { "" }
}

fn prefix(shared: bool) -> &'static str {
    if shared { "shared " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayfly_parser::{FuncType, RefType, ValType};

    fn memory(min: u64, max: Option<u64>) -> ExternType {
        ExternType::Memory(MemoryType::new(min, max))
    }

    #[test]
    fn limits_and_kinds() {
        let types = TypeRegistry::new();
        let matches = |found: ExternType, expected: ExternType| found.matches(&expected, &types);
        assert!(matches(memory(3, None), memory(1, None)));
        assert!(matches(memory(1, Some(2)), memory(1, Some(2))));
        assert!(!matches(memory(1, None), memory(1, Some(2))));
        assert!(!matches(memory(1, Some(3)), memory(1, Some(2))));
        assert!(!matches(memory(0, None), memory(1, None)));
        let wide = ExternType::Memory(MemoryType { memory64: true, ..MemoryType::new(1, None) });
        assert!(!matches(wide, memory(1, None)));
        let shared = ExternType::Memory(MemoryType { shared: true, ..MemoryType::new(1, Some(1)) });
        assert!(!matches(shared, memory(1, Some(1))));
        let id = types.register_func(&FuncType::default());
        assert!(!matches(ExternType::Tag(id), ExternType::Func(id)));
        assert!(matches(ExternType::Tag(id), ExternType::Tag(id)));
    }

    #[test]
    fn mutable_globals_are_invariant() {
        let types = TypeRegistry::new();
        let func = types.register_func(&FuncType::default());
        let global = |heap, mutable| {
            let content = ValType::Ref(RefType { nullable: true, heap });
            ExternType::Global(GlobalType { content, mutable, shared: false })
        };
        use dayfly_parser::HeapType::Func;
        let matches = |found: ExternType, expected: ExternType| found.matches(&expected, &types);
        assert!(matches(global(func.heap(), false), global(Func, false)));
        assert!(!matches(global(Func, false), global(func.heap(), false)));
        assert!(!matches(global(func.heap(), true), global(Func, true)));
        assert!(matches(global(Func, true), global(Func, true)));
        assert!(!matches(global(Func, true), global(Func, false)));
    }

    #[test]
    fn words() {
        let types = TypeRegistry::new();
        let words = |ty: ExternType| ty.in_words(&types);
        assert_eq!(words(memory(1, Some(2))), "memory 1..2");
        assert_eq!(words(memory(3, None)), "memory 3");
        let small =
            MemoryType { page_size_log2: 0, memory64: true, shared: true, ..MemoryType::new(1, Some(9)) };
        assert_eq!(words(ExternType::Memory(small)), "shared memory i64 1..9 of pages of 1 bytes");
        let id = types.register_func(&FuncType::new([ValType::I32], [ValType::FUNCREF]));
        assert_eq!(words(ExternType::Func(id)), "function [i32] -> [funcref]");
        let element = RefType::EXTERNREF;
        let table = TableType { element, min: 10, max: None, table64: false, shared: false };
        assert_eq!(words(ExternType::Table(table)), "table 10 of externref");
        let global = GlobalType { content: ValType::I64, mutable: true, shared: false };
        assert_eq!(words(ExternType::Global(global)), "mutable global i64");
    }
}
