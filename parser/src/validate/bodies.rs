//! Function bodies: validated in parallel where there are enough of them to pay,
//! with the error that comes first in the module whichever thread meets it.

use crate::error::{Error, ErrorKind};
use crate::index::DefinedFuncIdx;
use crate::limits::Limits;
use crate::module::Module;
use crate::types::SubType;
use crate::validate::work::Work;
use crate::validate::written::Written;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmFeatures,
};

/// Bytes of code for each thread below which another one does not pay.
const BYTES_PER_THREAD: usize = 128 << 10;
/// At most so many functions are taken by a thread at once.
const MAX_BATCH: usize = 64;

/// The opcode of `br_table`.
const BR_TABLE: u8 = 0x0e;

/// Validates bodies of one module.
pub(super) struct BodyValidator {
    resources: ValidatorResources,
    features: WasmFeatures,
    limits: Limits,
    /// The most values that an operator can leave: as many as a function or block has results.
    widest: usize,
    /// Whether it is to be counted what a body's operators move.
    counts: bool,
    /// What the bodies that were validated write.
    pub written: Written,
}

impl BodyValidator {
    /// A validator of a module's bodies; `resources` are what its sections define.
    pub fn new(
        module: &Module,
        resources: ValidatorResources,
        features: WasmFeatures,
        limits: Limits,
    ) -> BodyValidator {
        let values = |ty: &SubType| ty.as_func().map_or(0, |f| f.params.len().max(f.results.len()));
        let widest = module.types.iter().map(values).max().unwrap_or(0).max(1);
        let written = Written::new(module.tables.len(), module.globals.len());
        BodyValidator { resources, features, limits, widest, counts: Work::is_limited(module), written }
    }

    /// Validates every body on at most `threads` threads, or as many as run in parallel if 0.
    pub fn check_all(&self, module: &Module, bytes: &[u8], threads: usize) -> Result<(), Error> {
        let total: usize = module.bodies().iter().map(|body| body.range.len()).sum();
        let parallel = match threads {
            0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
            n => n,
        };
        let threads = parallel.min(total / BYTES_PER_THREAD).max(1);
        let queue = Queue::new(module.bodies().len(), threads);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // Without the thread its share is done by the others.
                let _ =
                    std::thread::Builder::new().spawn_scoped(scope, || self.take_part(module, bytes, &queue));
            }
            self.take_part(module, bytes, &queue);
        });
        match queue.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    fn take_part(&self, module: &Module, bytes: &[u8], queue: &Queue) {
        let mut allocations = FuncValidatorAllocations::default();
        while let Some(batch) = queue.next() {
            for func in batch {
                if let Err(error) = self.check(module, bytes, DefinedFuncIdx(func as u32), &mut allocations) {
                    queue.fail(func, error);
                    break;
                }
            }
        }
    }

    /// Validates one body; `bytes` are the module's.
    pub fn check(
        &self,
        module: &Module,
        bytes: &[u8],
        func: DefinedFuncIdx,
        allocations: &mut FuncValidatorAllocations,
    ) -> Result<(), Error> {
        let range = &module.bodies()[func.index()].range;
        let body = &bytes[range.clone()];
        self.check_bytes(module, func, body, range.start, allocations).map_err(|error| match error.kind() {
            ErrorKind::Invalid | ErrorKind::Limit => {
                malformed(body, range.start, self.features).unwrap_or(error)
            }
            _ => error,
        })
    }

    fn check_bytes(
        &self,
        module: &Module,
        func: DefinedFuncIdx,
        body: &[u8],
        start: usize,
        allocations: &mut FuncValidatorAllocations,
    ) -> Result<(), Error> {
        let func = module.func_index(func);
        let ty = module.funcs[func.index()];
        let mut validator = FuncToValidate {
            resources: self.resources.clone(),
            index: func.0,
            ty: ty.0,
            features: self.features,
        }
        .into_validator(core::mem::take(allocations));
        let mut reader = BinaryReader::new_features(body, start as u64, self.features);
        validator.read_locals(&mut reader).map_err(Error::validation)?;
        let locals = validator.len_locals() as usize - module.type_func(ty).params.len();
        if locals > self.limits.locals as usize {
            return Err(Error::limit(start, "locals in a function", self.limits.locals.into()));
        }
        if self.may_exceed_limits(body.len()) {
            self.check_operators::<true>(body, start, &mut reader, &mut validator)?;
        } else {
            self.check_operators::<false>(body, start, &mut reader, &mut validator)?;
        }
        let end = reader.original_position();
        reader.finish_expression(&validator.visitor(end)).map_err(Error::validation)?;
        *allocations = validator.into_allocations();
        Ok(())
    }

    /// Whether a body of so many bytes is long enough to exceed a limit: each target of a
    /// `br_table` takes a byte, each block two, and each operator leaves `widest` values at most.
    fn may_exceed_limits(&self, bytes: usize) -> bool {
        self.counts
            || bytes > self.limits.br_table_targets as usize
            || bytes / 2 >= self.limits.nesting as usize
            || bytes.saturating_mul(self.widest) > self.limits.operands as usize
    }

    fn check_operators<const LIMITED: bool>(
        &self,
        body: &[u8],
        start: usize,
        reader: &mut BinaryReader<'_>,
        validator: &mut FuncValidator<ValidatorResources>,
    ) -> Result<(), Error> {
        let mut work = Work::new(&self.limits, body.len());
        while !reader.eof() {
            let at = reader.original_position();
            let first = body[reader.current_position()];
            self.written.note(first, reader, &validator.visitor(at));
            if LIMITED {
                if first == BR_TABLE {
                    self.check_br_table(body, reader.current_position(), start)?;
                }
                if self.counts && Work::may_be_much(first) {
                    work.count(reader, &validator.visitor(at))?;
                }
            }
            let visited = reader.visit_operator(&mut validator.visitor(at)).map_err(Error::validation)?;
            visited.map_err(Error::validation)?;
            if LIMITED {
                self.check_heights(validator, at as usize)?;
            }
        }
        Ok(())
    }

    fn check_heights(&self, validator: &FuncValidator<ValidatorResources>, at: usize) -> Result<(), Error> {
        if validator.control_stack_height() > self.limits.nesting {
            return Err(Error::limit(at, "nested blocks", self.limits.nesting.into()));
        }
        if validator.operand_stack_height() > self.limits.operands {
            return Err(Error::limit(at, "values on the operand stack", self.limits.operands.into()));
        }
        Ok(())
    }

    fn check_br_table(&self, body: &[u8], position: usize, start: usize) -> Result<(), Error> {
        let mut reader = BinaryReader::new(&body[position + 1..], 0);
        match reader.read_var_u32() {
            Ok(count) if count > self.limits.br_table_targets => Err(Error::limit(
                start + position,
                "targets in a br_table",
                self.limits.br_table_targets.into(),
            )),
            _ => Ok(()),
        }
    }
}

/// What is left to do, and the first failure so far.
struct Queue {
    next: AtomicUsize,
    count: usize,
    batch: usize,
    /// The lowest body that failed; bodies above it need no check.
    failed: AtomicUsize,
    failure: Mutex<Option<(usize, Error)>>,
}

impl Queue {
    fn new(count: usize, threads: usize) -> Queue {
        Queue {
            next: AtomicUsize::new(0),
            count,
            batch: (count / (threads * 16)).clamp(1, MAX_BATCH),
            failed: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
        }
    }

    fn next(&self) -> Option<core::ops::Range<usize>> {
        let start = self.next.fetch_add(self.batch, Ordering::Relaxed);
        if start >= self.count || start > self.failed.load(Ordering::Relaxed) {
            return None;
        }
        Some(start..self.count.min(start + self.batch))
    }

    #[cold]
    fn fail(&self, func: usize, error: Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref().is_none_or(|&(lowest, _)| func < lowest) {
            *failure = Some((func, error));
            self.failed.store(func, Ordering::Relaxed);
        }
    }
}

/// The failure of the first body of a module that is malformed.
#[cold]
pub(super) fn first_malformed(module: &Module, bytes: &[u8], features: WasmFeatures) -> Option<Error> {
    module.bodies().iter().find_map(|body| malformed(&bytes[body.range.clone()], body.range.start, features))
}

/// How a body is malformed, if it is: found by decoding it without validating.
#[cold]
fn malformed(body: &[u8], start: usize, features: WasmFeatures) -> Option<Error> {
    let decode = || -> Result<(), wasmparser::Error> {
        let body = FunctionBody::new(BinaryReader::new_features(body, start as u64, features));
        for local in body.get_locals_reader()? {
            local?;
        }
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            operators.read()?;
        }
        operators.finish()
    };
    decode().err().map(Error::decoding).filter(|error| error.kind() == ErrorKind::Malformed)
}
