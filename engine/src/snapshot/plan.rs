//! What a snapshot does to a module's exports, decided before anything runs.

use super::Snapshot;
use crate::{Error, ExternType, Module, Result};
use std::collections::{HashMap, HashSet};

/// Names that Wizer gives the initialisation function, the present one first.
const CONVENTIONS: [&str; 2] = ["wizer-initialize", "wizer.initialize"];

/// What a host calls before any other export of a WASI reactor.
pub(super) const REACTOR: &str = "_initialize";

/// An error names so many functions that there are.
const MAX_NAMED: usize = 20;

/// The initialisation function, and the exports of the new module.
pub(super) struct Plan {
    pub(super) init_func: String,
    /// Exports that the new module does not have.
    removed: HashSet<String>,
    /// New names of exports.
    renamed: HashMap<String, String>,
}

impl Plan {
    pub(super) fn new(snapshot: &Snapshot, module: &Module) -> Result<Plan> {
        let init_func = match &snapshot.init_func {
            Some(name) => name.clone(),
            None => {
                let found = CONVENTIONS.into_iter().find(|name| module.get_export(name).is_some());
                found.unwrap_or(CONVENTIONS[0]).to_owned()
            }
        };
        match module.get_export(&init_func) {
            Some(ExternType::Func(ty)) if ty.params.is_empty() && ty.results.is_empty() => {}
            Some(ExternType::Func(ty)) => return Err(wrong_type(&init_func, &ty.to_string())),
            _ => return Err(no_function(module, &init_func)),
        }
        let mut removed = HashSet::from([REACTOR.to_owned()]);
        if !snapshot.keep_init_func {
            removed.insert(init_func.clone());
        }
        let mut renamed = HashMap::new();
        let mut targets = HashSet::new();
        for (new, old) in &snapshot.renames {
            if !matches!(module.get_export(old), Some(ExternType::Func(_))) {
                return Err(no_function(module, old));
            }
            if !targets.insert(new) || renamed.insert(old.clone(), new.clone()).is_some() {
                return Err(renamed_twice(new, old));
            }
        }
        for (new, old) in &snapshot.renames {
            if !renamed.contains_key(new) {
                removed.insert(new.clone());
            }
            removed.remove(old);
        }
        Ok(Plan { init_func, removed, renamed })
    }

    /// The name that an export has in the new module, if it has one.
    pub(super) fn export_name<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        if self.removed.contains(name) {
            return None;
        }
        Some(self.renamed.get(name).map_or(name, |new| new))
    }
}

#[cold]
fn no_function(module: &Module, name: &str) -> Error {
    let functions = module.exports().filter(|export| matches!(export.ty(), ExternType::Func(_)));
    let mut names = functions.map(|export| format!("`{}`", export.name().escape_debug()));
    let mut named: Vec<_> = names.by_ref().take(MAX_NAMED).collect();
    named.extend(names.next().map(|_| "and others".to_owned()));
    let named = if named.is_empty() { "none at all".to_owned() } else { named.join(", ") };
    Error::msg(format!("the module exports no function `{name}`, but: {named}"))
}

#[cold]
fn wrong_type(name: &str, ty: &str) -> Error {
    Error::msg(format!(
        "the initialisation function `{name}` is to take and return nothing; its type is {ty}"
    ))
}

#[cold]
fn renamed_twice(new: &str, old: &str) -> Error {
    Error::msg(format!("`{old}` as `{new}`: a function can be renamed once, and to a name of its own"))
}
