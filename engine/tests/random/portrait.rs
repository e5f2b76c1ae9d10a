//! Values as text, objects with what they hold, so that two runs can be compared. Ids of
//! types are not told: they depend on what an engine had before.

use dayfly::{
    AnyRef, AsContextMut, Error, ExnRef, Ref, Rooted, Store, StoreLimits, ThrownException, Trap, Val,
};
use std::fmt::Write;

/// How deep objects within objects are shown.
const DEPTH: u32 = 3;

/// How many elements of an array are shown.
const ELEMENTS: u32 = 5;

/// A value.
pub fn of_value(store: &mut Store<StoreLimits>, value: Val) -> String {
    let mut text = String::new();
    Portrait { store, text: &mut text }.value(value, DEPTH);
    text
}

/// Why a call failed; an exception with its parameters.
pub fn of_error(store: &mut Store<StoreLimits>, error: &Error) -> String {
    if error.is::<ThrownException>() {
        let exception = store.take_pending_exception().expect("an exception is pending");
        return of_value(store, Val::ExnRef(Some(exception)));
    }
    match error.downcast_ref::<Trap>() {
        Some(trap) => format!("trap: {trap}"),
        None => format!("error: {error}"),
    }
}

struct Portrait<'a> {
    store: &'a mut Store<StoreLimits>,
    text: &'a mut String,
}

impl Portrait<'_> {
    fn value(&mut self, value: Val, depth: u32) {
        match value.ref_() {
            None => write!(self.text, "{value:?}").unwrap(),
            Some(reference) if reference.is_null() => self.text.push_str("null"),
            Some(Ref::Func(Some(func))) => {
                let ty = func.ty(&*self.store);
                write!(self.text, "func {}->{}", ty.params.len(), ty.results.len()).unwrap();
            }
            Some(Ref::Any(Some(object))) => self.object(object, depth),
            Some(Ref::Extern(Some(outer))) => {
                self.text.push_str("extern ");
                let object = AnyRef::convert_extern(&mut *self.store, outer).unwrap();
                self.object(object, depth);
            }
            Some(Ref::Exn(Some(exception))) => self.exception(exception, depth),
            Some(other) => panic!("{other:?}"),
        }
    }

    fn object(&mut self, object: Rooted<AnyRef>, depth: u32) {
        if let Some(i31) = object.as_i31(&*self.store).unwrap() {
            write!(self.text, "{i31:?}").unwrap();
        } else if depth == 0 {
            self.text.push_str(if object.is_struct(&*self.store).unwrap() { "struct" } else { "array" });
        } else if let Some(object) = object.as_struct(&*self.store).unwrap() {
            let fields: Vec<Val> = object.fields(self.store.as_context_mut()).unwrap().collect();
            self.list('{', fields, '}', depth);
        } else {
            let array = object.unwrap_array(&*self.store).unwrap();
            let len = array.len(&*self.store).unwrap();
            let elements = (0..len.min(ELEMENTS)).map(|n| array.get(&mut *self.store, n).unwrap()).collect();
            write!(self.text, "{len}x").unwrap();
            self.list('[', elements, ']', depth);
        }
    }

    fn exception(&mut self, exception: Rooted<ExnRef>, depth: u32) {
        self.text.push_str("exn");
        if depth > 0 {
            let fields: Vec<Val> = exception.fields(self.store.as_context_mut()).unwrap().collect();
            self.list('{', fields, '}', depth);
        }
    }

    fn list(&mut self, open: char, values: Vec<Val>, close: char, depth: u32) {
        self.text.push(open);
        for value in values {
            self.value(value, depth - 1);
            self.text.push(' ');
        }
        self.text.push(close);
    }
}
