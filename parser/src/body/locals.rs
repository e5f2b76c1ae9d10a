//! The locals of a function: parameters, then declared ones, in runs of one type.
//! 50,000 locals are written in 4 bytes, so only the first few are spelled out.

use super::reader::Reader;
use super::types::val_type;
use crate::error::Error;
use crate::types::ValType;

/// How many locals are spelled out, which makes finding their types quick.
const SPELLED_OUT: usize = 128;

/// The types of a function's locals.
#[derive(Debug, Default)]
pub(super) struct Locals {
    /// How many of which type; neighbours have different types, no count is 0.
    runs: Vec<(u32, ValType)>,
    /// For each run the number of locals up to its end.
    ends: Vec<u32>,
    first: Vec<ValType>,
}

impl Locals {
    /// Reads the declarations at the start of a body.
    pub fn read(&mut self, params: &[ValType], reader: &mut Reader<'_>) -> Result<(), Error> {
        self.runs.clear();
        self.ends.clear();
        self.first.clear();
        for &ty in params {
            self.add(1, ty, reader.position())?;
        }
        for _ in 0..reader.u32()? {
            let at = reader.position();
            let count = reader.u32()?;
            let ty = val_type(reader)?;
            self.add(count, ty, at)?;
        }
        Ok(())
    }

    /// How many of which type.
    pub fn runs(&self) -> &[(u32, ValType)] {
        &self.runs
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The type of one.
    #[inline]
    pub fn get(&self, index: u32) -> Option<ValType> {
        match self.first.get(index as usize) {
            Some(&ty) => Some(ty),
            None => self.find(index),
        }
    }

    fn find(&self, index: u32) -> Option<ValType> {
        let run = self.ends.partition_point(|&end| end <= index);
        self.runs.get(run).map(|&(_, ty)| ty)
    }

    fn add(&mut self, count: u32, ty: ValType, at: usize) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        let end = self.count().checked_add(count).ok_or_else(|| Error::malformed(at, "too many locals"))?;
        match (self.runs.last_mut(), self.ends.last_mut()) {
            (Some(run), Some(last)) if run.1 == ty => {
                run.0 += count;
                *last = end;
            }
            _ => {
                self.runs.push((count, ty));
                self.ends.push(end);
            }
        }
        let spelled_out = SPELLED_OUT.min(end as usize);
        self.first.resize(spelled_out, ty);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_types() {
        let bytes = [5, 2, 0x7f, 0, 0x7e, 1, 0x7f, 0x80, 0x80, 2, 0x7c, 1, 0x7e];
        let mut locals = Locals::default();
        locals.read(&[ValType::I64, ValType::I32], &mut Reader::new(&bytes, 0..bytes.len())).unwrap();
        let (i32, i64, f64) = (ValType::I32, ValType::I64, ValType::F64);
        assert_eq!(locals.runs(), [(1, i64), (4, i32), (0x8000, f64), (1, i64)]);
        assert_eq!(locals.count(), 0x8006);
        let expected = [(0, Some(i64)), (1, Some(i32)), (4, Some(i32)), (5, Some(f64)), (130, Some(f64))];
        for (index, ty) in expected {
            assert_eq!(locals.get(index), ty, "{index}");
        }
        assert_eq!(locals.get(0x8004), Some(f64));
        assert_eq!(locals.get(0x8005), Some(i64));
        assert_eq!(locals.get(0x8006), None);
        assert!(locals.first.len() <= SPELLED_OUT);
    }

    #[test]
    fn counts_do_not_overflow() {
        let bytes = [2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 1, 0x7f];
        let mut locals = Locals::default();
        let error = locals.read(&[], &mut Reader::new(&bytes, 0..bytes.len())).unwrap_err();
        assert_eq!(error.message(), "too many locals");
    }
}
