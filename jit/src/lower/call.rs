//! Calls. A function of the same compiled module is called directly, an imported one as `import` says; any other by its
//! function reference: into its machine code if it has some, else into an adapter of this module, which finds the
//! reference in `Vm::callee`.

use super::Lowering;
use super::env::Region;
use crate::builtins::Builtin;
use crate::compile::FuncKey;
use crate::trap_code::trap_code;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{
    self, BlockArg, BlockCall, ExceptionTableData, InstBuilder, MemFlagsData, Value,
};
use dayfly_parser::{FuncIdx, TableIdx, TypeIdx};
use dayfly_runtime::backend::fits_registers;
use dayfly_runtime::trap::Trap;
use dayfly_runtime::vm::{FuncRef, Vm};
use std::mem::offset_of;

/// What is called.
#[derive(Clone, Copy)]
pub enum Callee {
    /// A piece of this module.
    Direct(ir::FuncRef),
    /// Code at an address.
    Indirect(ir::SigRef, Value),
}

impl Lowering<'_, '_> {
    /// `call` and `return_call`
    pub fn call(&mut self, func: FuncIdx, tail: bool) {
        let ty = self.module.funcs()[func.index()];
        match self.module.defined(func) {
            Some(defined) if !self.env.is_compiled(defined) => {
                let offset = self.env.shape.layout().func_ref(defined);
                let offset = offset.expect("functions that are not compiled have references");
                let func_ref = self.b.ins().iadd_imm_u(self.vm, i64::from(offset));
                self.call_func_ref(func_ref, None, ty, tail);
            }
            None if !tail && fits_registers(self.module.type_func(ty)) => self.call_import(func, ty),
            defined => {
                let key = defined.map_or(FuncKey::Import(func.0), |defined| FuncKey::Body(defined.0));
                let callee = Callee::Direct(self.piece(key, ty));
                self.finish_call(callee, self.vm, ty, tail);
            }
        }
    }

    /// `call_indirect` and `return_call_indirect`
    pub fn call_indirect(&mut self, ty: TypeIdx, table: TableIdx, tail: bool) {
        let index = self.pop();
        let func_ref = self.table_entry(table, index, Trap::UndefinedElement);
        let func_ref = self.check_type(func_ref, ty);
        if self.env.facts.holds_own(table) {
            let code = self.read_func_ref(func_ref, offset_of!(FuncRef, native));
            let callee = Callee::Indirect(self.signature_of(ty), code);
            return self.finish_call(callee, self.vm, ty, tail);
        }
        self.call_func_ref(func_ref, None, ty, tail);
    }

    /// `call_ref` and `return_call_ref`
    pub fn call_ref(&mut self, ty: TypeIdx, tail: bool) {
        let func_ref = self.pop();
        self.call_func_ref(func_ref, Some(Trap::NullFunctionReference), ty, tail);
    }

    /// Traps unless an entry of a table can be called as a function of a type. Reading from null faults.
    fn check_type(&mut self, func_ref: Value, ty: TypeIdx) -> Value {
        let expected = self.type_id(ty);
        let flags = self.func_flags(Some(Trap::UninitializedElement)).with_readonly();
        let actual = self.b.ins().load(I32, flags, func_ref, offset_of!(FuncRef, type_id) as i32);
        let differs = self.b.ins().icmp(IntCC::NotEqual, actual, expected);
        if self.module.types()[ty.index()].is_final {
            self.b.ins().trapnz(differs, trap_code(Trap::BadSignature));
            return self.hardened(differs, func_ref);
        }
        let (ask, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(ask);
        self.b.ins().brif(differs, ask, &[], go, &[]);
        self.b.seal_block(ask);
        self.b.switch_to_block(ask);
        let slots = self.runtime(Builtin::IsSubtype, &[actual, expected]);
        let is = self.result(I32, slots);
        self.b.ins().trapz(is, trap_code(Trap::BadSignature));
        self.b.ins().jump(go, &[]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        func_ref
    }

    /// Flags of reading from a function reference that may be null, if there is a trap for that.
    fn func_flags(&mut self, on_null: Option<Trap>) -> MemFlagsData {
        let region = Region::Func.of(self.module, self.b.func);
        let flags = MemFlagsData::new().with_alias_region(Some(region));
        match on_null {
            Some(trap) => flags.with_trap_code(Some(trap_code(trap))),
            None => flags.with_notrap(),
        }
    }

    /// Calls what a reference refers to.
    fn call_func_ref(&mut self, func_ref: Value, on_null: Option<Trap>, ty: TypeIdx, tail: bool) {
        let flags = self.func_flags(on_null);
        let native = self.b.ins().load(I64, flags, func_ref, offset_of!(FuncRef, native) as i32);
        let vm = self.read_func_ref(func_ref, offset_of!(FuncRef, vm));
        let (adapt, go) = (self.b.create_block(), self.b.create_block());
        let code = self.b.append_block_param(go, I64);
        let context = self.b.append_block_param(go, I64);
        self.b.set_cold_block(adapt);
        self.b.ins().brif(native, go, &[native.into(), vm.into()], adapt, &[]);
        self.b.seal_block(adapt);
        self.b.switch_to_block(adapt);
        let flags = self.flags(Region::Vm);
        self.b.ins().store(flags, func_ref, self.vm, offset_of!(Vm, callee) as i32);
        let adapter = self.piece(FuncKey::Adapter(self.env.signatures.number(ty)), ty);
        let adapter = self.b.ins().func_addr(I64, adapter);
        self.b.ins().jump(go, &[adapter.into(), self.vm.into()]);
        self.b.seal_block(go);
        self.b.switch_to_block(go);
        let callee = Callee::Indirect(self.signature_of(ty), code);
        self.finish_call(callee, context, ty, tail);
    }

    /// Calls with the arguments on the stack, and pushes the results.
    fn finish_call(&mut self, callee: Callee, vm: Value, ty: TypeIdx, tail: bool) {
        let func_type = self.module.type_func(ty);
        let own = self.pop_many(func_type.params.len());
        let mut args = vec![vm];
        args.extend(self.fuel_value());
        args.extend(own);
        self.look_at_call(callee);
        if tail {
            match callee {
                Callee::Direct(func) => self.b.ins().return_call(func, &args),
                Callee::Indirect(signature, code) => {
                    self.b.ins().return_call_indirect(signature, code, &args)
                }
            };
            return;
        }
        let mut results = self.may_throw(callee, &args);
        let fuel = self.env.counts_fuel().then(|| results.remove(0));
        self.meters_after_call(fuel);
        for (&ty, value) in func_type.results.iter().zip(results) {
            self.push(ty, value);
        }
    }

    /// A call that an exception may end: handlers around it are told to it.
    pub fn may_throw(&mut self, callee: Callee, args: &[Value]) -> Vec<Value> {
        let items = self.handlers();
        if items.is_empty() {
            let call = match callee {
                Callee::Direct(func) => self.b.ins().call(func, args),
                Callee::Indirect(signature, code) => self.b.ins().call_indirect(signature, code, args),
            };
            return self.b.inst_results(call).to_vec();
        }
        let signature = match callee {
            Callee::Direct(func) => self.b.func.dfg.ext_funcs[func].signature,
            Callee::Indirect(signature, _) => signature,
        };
        let types: Vec<ir::Type> =
            self.b.func.dfg.signatures[signature].returns.iter().map(|param| param.value_type).collect();
        let next = self.b.create_block();
        let results = types.iter().map(|&ty| self.b.append_block_param(next, ty)).collect();
        let returned = (0..types.len() as u32).map(BlockArg::TryCallRet);
        let normal = BlockCall::new(next, returned, &mut self.b.func.dfg.value_lists);
        let table = ExceptionTableData::new(signature, normal, items);
        let table = self.b.func.dfg.exception_tables.push(table);
        match callee {
            Callee::Direct(func) => self.b.ins().try_call(func, args, table),
            Callee::Indirect(_, code) => self.b.ins().try_call_indirect(code, args, table),
        };
        self.b.seal_block(next);
        self.b.switch_to_block(next);
        results
    }

    /// A piece of this module, callable as a type says.
    fn piece(&mut self, key: FuncKey, ty: TypeIdx) -> ir::FuncRef {
        self.piece_of(key, |lowering| lowering.signature_of(ty))
    }

    /// A piece of this module.
    pub fn piece_of(&mut self, key: FuncKey, signature: impl FnOnce(&mut Self) -> ir::SigRef) -> ir::FuncRef {
        if let Some(&known) = self.funcs.get(&key) {
            return known;
        }
        let signature = signature(self);
        let name = self.b.func.declare_imported_user_function(key.name());
        let data = ir::ExtFuncData {
            name: ir::ExternalName::User(name),
            signature,
            colocated: true,
            patchable: false,
        };
        let made = self.b.import_function(data);
        self.funcs.insert(key, made);
        made
    }

    pub fn signature_of(&mut self, ty: TypeIdx) -> ir::SigRef {
        let number = self.env.signatures.number(ty);
        if let Some(&known) = self.signatures.get(&number) {
            return known;
        }
        let made = self.b.import_signature(self.env.signature(self.module.type_func(ty)));
        self.signatures.insert(number, made);
        made
    }
}
