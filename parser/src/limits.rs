//! How much a module may ask for. Each bound is checked before anything in
//! proportion to it is allocated. Spec: the defaults are those of the JavaScript
//! interface, "Limits", where it has one.

/// Upper bounds on a module. A module above one is refused with
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit). The bounds of the types, functions,
/// imports, exports, globals, tables, memories, tags, segments, locals, parameters and
/// body size can be lowered but not raised above their defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole module. Default: 1 GiB; above 2 GiB it is as if it were that.
    pub module_bytes: usize,
    /// Types of the type section. Default: 1,000,000.
    pub types: u32,
    /// Functions, imported ones included. Default: 1,000,000.
    pub functions: u32,
    /// Imports. Default: 1,000,000.
    pub imports: u32,
    /// Exports. Default: 1,000,000.
    pub exports: u32,
    /// Globals, imported ones included. Default: 1,000,000.
    pub globals: u32,
    /// Tables, imported ones included. Default: 100,000.
    pub tables: u32,
    /// Memories, imported ones included. Default: 100.
    pub memories: u32,
    /// Tags, imported ones included. Default: 1,000,000.
    pub tags: u32,
    /// Element segments. Default: 100,000.
    pub element_segments: u32,
    /// Items of one element segment. Default: 10,000,000.
    pub element_items: u32,
    /// Data segments. Default: 100,000.
    pub data_segments: u32,
    /// Parameters of a function or block. Default: 1,000.
    pub params: u32,
    /// Results of a function or block. Default: 1,000.
    pub results: u32,
    /// Fields of a structure. Default: 10,000.
    pub fields: u32,
    /// Locals of a function, parameters not counted. Default: 50,000.
    pub locals: u32,
    /// Bytes of a function body. Default: 7,654,321.
    pub body_bytes: u32,
    /// Targets of one `br_table`. Default: 1,000,000.
    pub br_table_targets: u32,
    /// Control frames that are open at once in a function. Default: 50,000.
    pub nesting: u32,
    /// Values on the operand stack at once in a function. Default: 100,000.
    pub operands: u32,
    /// Values that the operators of a function body may take and leave, for each byte of
    /// the body. Operators that move at most 32 do not count; what compilers make seldom
    /// has others. Default: 16.
    pub moves_per_byte: u32,
    /// Custom sections that are kept. Default: 100,000.
    pub custom_sections: u32,
    /// Bytes of a section of names or branch hints; a longer one is ignored, which is
    /// no error. Default: 256 MiB.
    pub name_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            module_bytes: 1 << 30,
            types: 1_000_000,
            functions: 1_000_000,
            imports: 1_000_000,
            exports: 1_000_000,
            globals: 1_000_000,
            tables: 100_000,
            memories: 100,
            tags: 1_000_000,
            element_segments: 100_000,
            element_items: 10_000_000,
            data_segments: 100_000,
            params: 1_000,
            results: 1_000,
            fields: 10_000,
            locals: 50_000,
            body_bytes: 7_654_321,
            br_table_targets: 1_000_000,
            nesting: 50_000,
            operands: 100_000,
            moves_per_byte: 16,
            custom_sections: 100_000,
            name_bytes: 256 << 20,
        }
    }
}
