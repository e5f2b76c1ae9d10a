//! What is known of a module's tables and globals because nobody changes them: they are neither imported nor exported,
//! and no body writes them. Invariant: facts hold in every instance of the module, from its first instruction on.

use dayfly_parser::{
    ConstOp, DefinedFuncIdx, ElementItems, ExportItem, FuncIdx, GlobalIdx, Module, SegmentMode, TableIdx,
};

/// The facts of a module, by index.
#[derive(Debug)]
pub struct Facts {
    tables: Box<[TableFacts]>,
    constant: Box<[bool]>,
}

#[derive(Clone, Copy, Debug)]
struct TableFacts {
    /// It never grows, and so never moves.
    fixed: bool,
    /// All functions in it are compiled ones of the module itself, and belong to the same instance.
    own: bool,
}

impl Facts {
    /// The facts of a module of which the functions that `compiled` names, by position, are compiled.
    pub fn new(module: &Module, compiled: &[bool]) -> Facts {
        let imported = module.imported();
        let mut tables: Box<[TableFacts]> = (0..module.tables().len() as u32)
            .map(|index| {
                let open = index < imported.tables || module.writes_table(TableIdx(index));
                TableFacts { fixed: !open, own: !open }
            })
            .collect();
        let mut constant: Box<[bool]> = (0..module.globals().len() as u32)
            .map(|index| {
                let written = module.globals()[index as usize].ty.mutable
                    && (index < imported.globals || module.writes_global(GlobalIdx(index)));
                !written
            })
            .collect();
        for export in module.exports() {
            match export.item {
                ExportItem::Table(table) => tables[table.index()] = TableFacts { fixed: false, own: false },
                ExportItem::Global(global) => {
                    constant[global.index()] &= !module.globals()[global.index()].ty.mutable;
                }
                _ => {}
            }
        }
        let is_own = |func: FuncIdx| {
            module.defined(func).is_some_and(|DefinedFuncIdx(own)| compiled.get(own as usize) == Some(&true))
        };
        for (table, facts) in module.tables().iter().zip(&mut tables) {
            facts.own &= table.init.as_ref().is_none_or(|init| holds_own(&init.ops, is_own));
        }
        for (index, table) in module.tables().iter().enumerate().skip(imported.tables as usize) {
            tables[index].fixed |= table.ty.max == Some(table.ty.min);
        }
        for segment in module.elements() {
            let SegmentMode::Active { target, .. } = &segment.mode else { continue };
            let facts = &mut tables[target.index()];
            facts.own = facts.own
                && match &segment.items {
                    ElementItems::Funcs(funcs) => funcs.iter().all(|&func| is_own(func)),
                    ElementItems::Exprs(exprs) => exprs.iter().all(|expr| holds_own(&expr.ops, is_own)),
                };
        }
        Facts { tables, constant }
    }

    /// Whether a table's length and address never change.
    pub fn is_fixed(&self, table: TableIdx) -> bool {
        self.tables[table.index()].fixed
    }

    /// Whether an entry of a table of functions is null or a function that the module compiles, of the same instance.
    pub fn holds_own(&self, table: TableIdx) -> bool {
        self.tables[table.index()].own
    }

    /// Whether a global never changes.
    pub fn is_constant(&self, global: GlobalIdx) -> bool {
        self.constant[global.index()]
    }
}

/// Whether an expression gives null or a function of which `is_own` holds.
fn holds_own(ops: &[ConstOp], is_own: impl Fn(FuncIdx) -> bool) -> bool {
    match *ops {
        [ConstOp::RefFunc(func)] => is_own(func),
        [ConstOp::RefNull(_)] => true,
        _ => false,
    }
}
