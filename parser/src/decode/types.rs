//! Types from the decoder's representation to ours. What ours cannot say is noted
//! in the sink and replaced by something that it can.

use super::{Decoder, Sink, check, range};
use crate::config::Config;
use crate::error::Error;
use crate::index::TypeIdx;
use crate::types::*;
use wasmparser::{AbstractHeapType, BinaryReader, CompositeInnerType, TypeSectionReader, UnpackedIndex};

/// The first byte of a recursion group that is written as one.
const REC: u8 = 0x4e;
/// The fewest bytes that a type takes.
const MIN_TYPE_BYTES: usize = 2;

impl Decoder<'_> {
    pub(super) fn types(&mut self, section: TypeSectionReader<'_>) -> Result<(), Error> {
        let bytes = self.bytes;
        let range = range(&section.range());
        let features = self.config.features.to_wasmparser();
        let mut reader = BinaryReader::new_features(&bytes[range.clone()], range.start as u64, features);
        let groups = reader.read_var_u32().map_err(Error::decoding)?;
        for _ in 0..groups {
            let at = reader.original_position() as usize;
            self.group_fits(&bytes[at..range.end], at)?;
            let group = reader.read::<wasmparser::RecGroup>().map_err(Error::decoding)?;
            let first = self.module.types.len() as u32;
            check(first as usize, group.types().len() as u32, self.config.limits.types, "types", at)?;
            for ty in group.into_types() {
                let ty = self.sub_type(ty, at)?;
                self.module.types.push(ty);
            }
            self.module.rec_groups.push(first..self.module.types.len() as u32);
        }
        if !reader.eof() {
            let at = reader.original_position() as usize;
            return Err(Error::malformed(at, "section size mismatch: bytes after the last type"));
        }
        Ok(())
    }

    /// The decoder allocates for as many types as a group says; this looks first.
    fn group_fits(&self, rest: &[u8], at: usize) -> Result<(), Error> {
        if rest.first() != Some(&REC) {
            return Ok(());
        }
        let count = BinaryReader::new(&rest[1..], at as u64 + 1).read_var_u32().map_err(Error::decoding)?;
        check(self.module.types.len(), count, self.config.limits.types, "types", at)?;
        if count as usize > rest.len() / MIN_TYPE_BYTES {
            return Err(Error::malformed(at, "unexpected end: recursion group longer than its section"));
        }
        Ok(())
    }

    fn sub_type(&mut self, ty: wasmparser::SubType, at: usize) -> Result<SubType, Error> {
        let composite = ty.composite_type;
        if composite.descriptor_idx.is_some() || composite.describes_idx.is_some() {
            self.sink.unsupported(at, "type descriptors are");
        }
        if ty.supertype_idxs.len() > 1 {
            return Err(Error::invalid(at, "a type has at most one supertype"));
        }
        Ok(SubType {
            is_final: ty.is_final,
            supertype: ty.supertype_idxs.first().map(|index| type_index(index.unpack())),
            shared: composite.shared,
            composite: composite_type(composite.inner, self.config, &mut self.sink, at)?,
        })
    }
}

fn composite_type(
    ty: CompositeInnerType,
    config: &Config,
    sink: &mut Sink,
    at: usize,
) -> Result<CompositeType, Error> {
    let limits = &config.limits;
    Ok(match ty {
        CompositeInnerType::Func(ty) => {
            check(ty.params().len(), 0, limits.params, "parameters", at)?;
            check(ty.results().len(), 0, limits.results, "results", at)?;
            let mut list = |types: &[wasmparser::ValType]| {
                types.iter().map(|&t| val_type(t, sink, at)).collect::<Box<_>>()
            };
            CompositeType::Func(FuncType { params: list(ty.params()), results: list(ty.results()) })
        }
        CompositeInnerType::Struct(ty) => {
            check(ty.fields.len(), 0, limits.fields, "fields", at)?;
            CompositeType::Struct(ty.fields.iter().map(|field| field_type(field, sink, at)).collect())
        }
        CompositeInnerType::Array(ty) => CompositeType::Array(field_type(&ty.0, sink, at)),
        CompositeInnerType::Cont(ty) => CompositeType::Cont(type_index(ty.0.unpack())),
    })
}

fn field_type(ty: &wasmparser::FieldType, sink: &mut Sink, at: usize) -> FieldType {
    let storage = match ty.element_type {
        wasmparser::StorageType::I8 => StorageType::I8,
        wasmparser::StorageType::I16 => StorageType::I16,
        wasmparser::StorageType::Val(ty) => StorageType::Val(val_type(ty, sink, at)),
    };
    FieldType { storage, mutable: ty.mutable }
}

pub(super) fn val_type(ty: wasmparser::ValType, sink: &mut Sink, at: usize) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(ref_type(ty, sink, at)),
    }
}

pub(super) fn ref_type(ty: wasmparser::RefType, sink: &mut Sink, at: usize) -> RefType {
    RefType { nullable: ty.is_nullable(), heap: heap_type(ty.heap_type(), sink, at) }
}

pub(super) fn heap_type(ty: wasmparser::HeapType, sink: &mut Sink, at: usize) -> HeapType {
    match ty {
        wasmparser::HeapType::Concrete(index) => HeapType::Concrete(type_index(index)),
        wasmparser::HeapType::Exact(index) => {
            sink.unsupported(at, "exact reference types are");
            HeapType::Concrete(type_index(index))
        }
        wasmparser::HeapType::Abstract { shared, ty } => {
            if shared {
                sink.unsupported(at, "shared reference types are");
            }
            abstract_heap_type(ty)
        }
    }
}

fn abstract_heap_type(ty: AbstractHeapType) -> HeapType {
    match ty {
        AbstractHeapType::Func => HeapType::Func,
        AbstractHeapType::Extern => HeapType::Extern,
        AbstractHeapType::Any => HeapType::Any,
        AbstractHeapType::None => HeapType::None,
        AbstractHeapType::NoExtern => HeapType::NoExtern,
        AbstractHeapType::NoFunc => HeapType::NoFunc,
        AbstractHeapType::Eq => HeapType::Eq,
        AbstractHeapType::Struct => HeapType::Struct,
        AbstractHeapType::Array => HeapType::Array,
        AbstractHeapType::I31 => HeapType::I31,
        AbstractHeapType::Exn => HeapType::Exn,
        AbstractHeapType::NoExn => HeapType::NoExn,
        AbstractHeapType::Cont => HeapType::Cont,
        AbstractHeapType::NoCont => HeapType::NoCont,
    }
}

/// Before validation every index is one of the module.
fn type_index(index: UnpackedIndex) -> TypeIdx {
    TypeIdx(index.as_module_index().unwrap_or(u32::MAX))
}

pub(super) fn table_type(ty: wasmparser::TableType, sink: &mut Sink, at: usize) -> TableType {
    TableType {
        element: ref_type(ty.element_type, sink, at),
        min: ty.initial,
        max: ty.maximum,
        table64: ty.table64,
        shared: ty.shared,
    }
}

pub(super) fn memory_type(ty: wasmparser::MemoryType) -> MemoryType {
    MemoryType {
        min: ty.initial,
        max: ty.maximum,
        memory64: ty.memory64,
        shared: ty.shared,
        page_size_log2: ty.page_size_log2(),
    }
}

pub(super) fn global_type(ty: wasmparser::GlobalType, sink: &mut Sink, at: usize) -> GlobalType {
    GlobalType { content: val_type(ty.content_type, sink, at), mutable: ty.mutable, shared: ty.shared }
}

pub(super) fn tag_type(ty: wasmparser::TagType) -> TagType {
    TagType { func: TypeIdx(ty.func_type_idx) }
}
