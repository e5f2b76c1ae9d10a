//! References to the GC heap that the host holds, so that a collection finds and
//! updates them: scoped ones, last in first out, and owned ones; and the values of
//! constant expressions that are being evaluated.
//!
//! Invariant: an index whose root is gone is told from those of roots made later
//! by its generation, so it gives `None`. A guest can end 2^32 scopes in minutes, so generations are wider.

use super::StoreOpaque;
use crate::vm::Slot;
use std::sync::{Arc, Mutex, PoisonError};

/// Names a root of a store.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub struct RootIndex {
    /// The position; its top bit tells owned roots from scoped ones.
    index: u32,
    generation: u64,
}

/// How many scoped roots there were when a scope was entered.
#[derive(Debug)]
#[must_use = "the scope is to be left by `exit_scope`"]
pub struct RootScopeMark(usize);

/// Owned roots that are no longer needed, given back from any thread. They are
/// freed by the store's next collection or when it makes an owned root.
#[derive(Clone, Default, Debug)]
pub struct RootReleases(Arc<Mutex<Vec<RootIndex>>>);

/// A value on the stack of a constant expression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConstValue {
    pub(crate) slots: [Slot; 2],
    /// Whether it is a reference to the GC heap.
    pub(crate) is_gc: bool,
}

/// The roots of a store.
#[derive(Default, Debug)]
pub(crate) struct RootTable {
    scoped: Vec<Root>,
    /// Counts the scopes that were left; a scoped root has the count at its time.
    scope_generation: u64,
    owned: Vec<Root>,
    free: Vec<u32>,
    releases: RootReleases,
    /// Values of constant expressions, the innermost expression's last.
    pub(crate) const_stack: Vec<ConstValue>,
}

#[derive(Clone, Copy, Debug)]
struct Root {
    reference: u32,
    generation: u64,
}

const OWNED: u32 = 1 << 31;

impl RootReleases {
    /// Notes that an owned root is no longer needed.
    pub fn release(&self, root: RootIndex) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(root);
    }

    fn take(&self) -> Vec<RootIndex> {
        core::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RootTable {
    fn push(&mut self, reference: u32) -> RootIndex {
        let index = self.scoped.len() as u32;
        assert!(index < OWNED, "a store has fewer than 2^31 scoped roots");
        self.scoped.push(Root { reference, generation: self.scope_generation });
        RootIndex { index, generation: self.scope_generation }
    }

    fn exit(&mut self, mark: RootScopeMark) {
        if self.scoped.len() > mark.0 {
            self.scoped.truncate(mark.0);
            self.scope_generation += 1;
        }
    }

    fn own(&mut self, reference: u32) -> RootIndex {
        self.free_released();
        let index = self.free.pop().unwrap_or_else(|| {
            assert!(self.owned.len() < OWNED as usize, "a store has fewer than 2^31 owned roots");
            self.owned.push(Root { reference: 0, generation: 0 });
            self.owned.len() as u32 - 1
        });
        let root = &mut self.owned[index as usize];
        root.reference = reference;
        RootIndex { index: index | OWNED, generation: root.generation }
    }

    fn disown(&mut self, root: RootIndex) {
        if root.index & OWNED == 0 || self.get(root).is_none() {
            return;
        }
        let index = root.index & !OWNED;
        let root = &mut self.owned[index as usize];
        root.generation += 1;
        root.reference = 0;
        self.free.push(index);
    }

    fn get(&self, root: RootIndex) -> Option<u32> {
        let roots = if root.index & OWNED == 0 { &self.scoped } else { &self.owned };
        let found = roots.get((root.index & !OWNED) as usize)?;
        (found.generation == root.generation).then_some(found.reference)
    }

    fn free_released(&mut self) {
        for root in self.releases.take() {
            self.disown(root);
        }
    }

    /// Forgets all roots. Who still holds an owned one gives it back to nobody. The store's handles are to be refused
    /// from now on, for roots that are made later may be taken for those that were.
    pub(super) fn clear(&mut self) {
        self.scoped.clear();
        self.const_stack.clear();
        if !self.owned.is_empty() {
            self.owned.clear();
            self.free.clear();
            self.releases = RootReleases::default();
        }
    }

    /// Ends all roots, and makes those that come later other ones. Who still holds an owned one gives it back to nobody.
    pub(super) fn end_all(&mut self) {
        self.exit(RootScopeMark(0));
        self.const_stack.clear();
        if !self.owned.is_empty() {
            self.releases = RootReleases::default();
            for root in &mut self.owned {
                *root = Root { reference: 0, generation: root.generation + 1 };
            }
            self.free = (0..self.owned.len() as u32).rev().collect();
        }
    }

    /// Gives all references to `update`, and returns how many there are.
    pub(crate) fn each(&mut self, update: &mut dyn FnMut(&mut u32)) -> usize {
        self.free_released();
        let roots = self.scoped.iter_mut().chain(&mut self.owned);
        roots.for_each(|root| update(&mut root.reference));
        for value in self.const_stack.iter_mut().filter(|value| value.is_gc) {
            let mut reference = value.slots[0] as u32;
            update(&mut reference);
            value.slots[0] = Slot::from(reference);
        }
        self.scoped.len() + self.owned.len() + self.const_stack.len()
    }
}

impl StoreOpaque {
    /// Roots a reference to the GC heap until the innermost scope is left.
    ///
    /// # Safety
    /// It is null, an `i31` or an object of this store's heap.
    pub unsafe fn push_root(&mut self, reference: u32) -> RootIndex {
        self.roots.push(reference)
    }

    /// Roots what is rooted once more, until the innermost scope is left; `None` if
    /// the root is gone.
    pub fn root_again(&mut self, root: RootIndex) -> Option<RootIndex> {
        let reference = self.roots.get(root)?;
        Some(self.roots.push(reference))
    }

    /// The reference that is rooted, as it is now; `None` if the root is gone.
    #[inline]
    pub fn root(&self, root: RootIndex) -> Option<u32> {
        self.roots.get(root)
    }

    /// Begins a scope of roots.
    pub fn enter_scope(&mut self) -> RootScopeMark {
        RootScopeMark(self.roots.scoped.len())
    }

    /// Ends a scope, and with it all scopes and scoped roots that began in it.
    pub fn exit_scope(&mut self, mark: RootScopeMark) {
        self.roots.exit(mark);
    }

    /// Roots what is rooted once more, until it is dropped by `drop_root` or released;
    /// `None` if the root is gone.
    pub fn own_root(&mut self, root: RootIndex) -> Option<RootIndex> {
        let reference = self.roots.get(root)?;
        Some(self.roots.own(reference))
    }

    /// Roots a reference to the GC heap until it is dropped by `drop_root` or released.
    ///
    /// # Safety
    /// As for `push_root`.
    pub unsafe fn push_owned_root(&mut self, reference: u32) -> RootIndex {
        self.roots.own(reference)
    }

    /// Ends an owned root. Nothing happens if it is gone or not an owned one.
    pub fn drop_root(&mut self, root: RootIndex) {
        self.roots.disown(root);
    }

    /// Where owned roots of this store are given back without the store.
    pub fn root_releases(&self) -> &RootReleases {
        &self.roots.releases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scoped_roots_end_with_their_scope() {
        let mut table = RootTable::default();
        let outer = table.push(8);
        let mark = RootScopeMark(table.scoped.len());
        let inner = table.push(16);
        assert_eq!((table.get(outer), table.get(inner)), (Some(8), Some(16)));
        table.exit(mark);
        assert_eq!((table.get(outer), table.get(inner)), (Some(8), None));
        let other = table.push(24);
        assert_eq!((table.get(inner), table.get(other)), (None, Some(24)));
    }

    #[test]
    fn owned_roots_end_when_they_are_given_back() {
        let mut table = RootTable::default();
        let [first, second] = [table.own(8), table.own(16)];
        let releases = table.releases.clone();
        std::thread::spawn(move || releases.release(first)).join().unwrap();
        assert_eq!(table.get(first), Some(8));
        let third = table.own(24);
        assert_eq!((table.get(first), table.get(second), table.get(third)), (None, Some(16), Some(24)));
        table.disown(first);
        table.disown(second);
        table.disown(second);
        assert_eq!((table.get(second), table.get(third)), (None, Some(24)));
        assert_eq!(table.free.len(), 1);
    }

    #[test]
    fn roots_that_were_ended_are_told_from_those_that_come_later() {
        let mut table = RootTable::default();
        let roots = [table.push(8), table.own(16), table.own(24)];
        table.disown(roots[2]);
        table.end_all();
        let later = [table.push(32), table.own(40), table.own(48)];
        assert_eq!(roots.map(|root| table.get(root)), [None; 3]);
        assert_eq!(later.map(|root| table.get(root)), [Some(32), Some(40), Some(48)]);
        assert_eq!(table.owned.len(), 2);
    }

    #[test]
    fn a_root_does_not_come_back_after_very_many_scopes() {
        let mut table = RootTable::default();
        let [first, owned] = [table.push(8), table.own(16)];
        table.exit(RootScopeMark(0));
        table.disown(owned);
        table.scope_generation += u64::from(u32::MAX);
        table.owned[0].generation += u64::from(u32::MAX);
        let [later, later_owned] = [table.push(24), table.own(32)];
        assert_eq!([first, owned].map(|root| table.get(root)), [None; 2]);
        assert_eq!([later, later_owned].map(|root| table.get(root)), [Some(24), Some(32)]);
    }

    #[test]
    fn a_collection_sees_every_root() {
        let mut table = RootTable::default();
        let roots = [table.push(8), table.own(16), table.push(0)];
        table.const_stack.push(ConstValue { slots: [24, 0], is_gc: true });
        table.const_stack.push(ConstValue { slots: [7, 7], is_gc: false });
        let count = table.each(&mut |reference| *reference += u32::from(*reference != 0) * 80);
        assert_eq!(count, 5);
        assert_eq!(roots.map(|root| table.get(root).unwrap()), [88, 96, 0]);
        assert_eq!(table.const_stack[0].slots, [104, 0]);
        assert_eq!(table.const_stack[1].slots, [7, 7]);
    }
}
