//! The supertypes of types as compiled code reads them: a row of ids for each type, by id, from the root on. So whether
//! a value is of a type takes one comparison. Invariant: rows never move, and a row is written before anybody knows its
//! type's id. Types that come later than `DISPLAYS`, and types further than `DEPTHS` from the root, have
//! nothing here: who needs them asks the registry.

use super::TypeId;

/// Types that have a row: those with lower ids.
pub const DISPLAYS: u32 = 1 << 15;

/// How many types a row has: the type above which there is none, those below it, the type itself, and behind it
/// what is no type's id.
pub const DEPTHS: usize = 8;

/// What code reads. Its fields are at fixed places.
pub type Display = [u32; DEPTHS];

/// No type has this id.
const NONE: u32 = u32::MAX;

/// All rows.
pub(super) struct Displays(Box<[Display]>);

impl Displays {
    /// Writes the row of a type; `supertypes` begins with the root and ends with the type itself.
    pub fn add(&mut self, id: TypeId, supertypes: &[TypeId]) {
        if let Some(row) = self.0.get_mut(id.0 as usize) {
            *row = [NONE; DEPTHS];
            for (place, ty) in row.iter_mut().zip(supertypes) {
                *place = ty.0;
            }
        }
    }

    /// Where the rows are. It holds as long as they do.
    pub fn address(&self) -> *const Display {
        self.0.as_ptr()
    }
}

impl Default for Displays {
    fn default() -> Displays {
        // The system gives zeros without touching them.
        Displays(vec![[0; DEPTHS]; DISPLAYS as usize].into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_supertypes_as_far_as_they_go() {
        let mut displays = Displays::default();
        let chain: Vec<TypeId> = (40..40 + DEPTHS as u32 + 2).map(TypeId).collect();
        for n in 0..chain.len() {
            displays.add(chain[n], &chain[..=n]);
            let expected = (0..DEPTHS).map(|depth| if depth <= n { chain[depth].0 } else { NONE });
            assert!(displays.0[chain[n].0 as usize].into_iter().eq(expected));
        }
        // It has no row.
        displays.add(TypeId(DISPLAYS), &[TypeId(DISPLAYS)]);
        assert!(displays.0.len() == DISPLAYS as usize && displays.0[39] == [0; DEPTHS]);
    }
}
