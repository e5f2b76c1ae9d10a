//! The code buffer: instructions as words, patches for branches whose target is
//! not known yet, notes for whoever wants to read the result.

use crate::exec::dispatch::Handler;
use crate::exec::operand::Fields;

/// Code under construction.
#[derive(Debug, Default)]
pub struct Emitter {
    code: Vec<u64>,
    notes: Option<Vec<Note>>,
    /// Offset in the module of the operator that is being lowered.
    pub offset: usize,
}

/// What a listing says about an instruction.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its first word.
    pub at: u32,
    /// Offset in the module of the operator that it was made for.
    pub offset: usize,
    /// The operator's name, or the interpreter's own.
    pub name: &'static str,
    /// Whether the first field is the slot of a result.
    pub has_result: bool,
    /// Whether the upper half is the distance of a branch.
    pub is_branch: bool,
    /// Whether the result stays in the accumulator.
    pub acc_only: bool,
    /// Whether the result goes to the pin as well.
    pub pinned: bool,
    /// Operands, readable.
    pub operands: String,
}

/// A branch whose distance is still to be filled in.
#[derive(Clone, Copy, Debug)]
pub struct Patch {
    at: u32,
    /// The word that holds the distance, if it is not the upper half of the second.
    word: Option<u32>,
}

impl Emitter {
    /// An empty buffer; with `notes`, one that keeps notes.
    pub fn new(notes: bool) -> Emitter {
        Emitter { code: Vec::new(), notes: notes.then(Vec::new), offset: 0 }
    }

    /// Whether notes are kept.
    pub fn takes_notes(&self) -> bool {
        self.notes.is_some()
    }

    /// The position of the next instruction.
    pub fn here(&self) -> u32 {
        self.code.len() as u32
    }

    /// Appends an instruction and says where.
    pub fn push(&mut self, name: &'static str, handler: Handler, fields: u64, extra: &[u64]) -> u32 {
        let at = self.here();
        if let Some(notes) = &mut self.notes {
            notes.push(Note {
                at,
                offset: self.offset,
                name,
                has_result: false,
                is_branch: false,
                acc_only: false,
                pinned: false,
                operands: String::new(),
            });
        }
        self.code.push(handler as usize as u64);
        self.code.push(fields);
        self.code.extend_from_slice(extra);
        at
    }

    /// Adds to the note of the instruction that was appended last.
    pub fn note(&mut self, add: impl FnOnce(&mut Note)) {
        if let Some(note) = self.notes.as_mut().and_then(|n| n.last_mut()) {
            add(note);
        }
    }

    /// Removes the instructions from a position on.
    pub fn truncate(&mut self, at: u32) {
        self.code.truncate(at as usize);
        if let Some(notes) = &mut self.notes {
            while notes.last().is_some_and(|n| n.at >= at) {
                notes.pop();
            }
        }
    }

    /// Changes the first field of an instruction: the slot of its result.
    pub fn set_result(&mut self, at: u32, slot: u16) {
        let fields = &mut self.code[at as usize + 1];
        *fields = *fields & !0xffff | slot as u64;
    }

    /// Changes the upper half of an instruction's second word.
    pub fn set_imm(&mut self, at: u32, imm: u32) {
        let fields = &mut self.code[at as usize + 1];
        *fields = *fields & 0xffff_ffff | (imm as u64) << 32;
    }

    /// Gives an instruction another handler, and changes its note accordingly.
    pub fn set_handler(&mut self, at: u32, handler: Handler, change: impl FnOnce(&mut Note)) {
        self.code[at as usize] = handler as usize as u64;
        if let Some(notes) = &mut self.notes
            && let Ok(i) = notes.binary_search_by_key(&at, |n| n.at)
        {
            change(&mut notes[i]);
        }
    }

    /// Whether the instruction at `at` has this handler.
    pub fn has_handler(&self, at: u32, handler: Handler) -> bool {
        self.code[at as usize] == handler as usize as u64
    }

    /// The first field of an instruction: the slot of its result.
    pub fn result_of(&self, at: u32) -> u16 {
        self.code[at as usize + 1] as u16
    }

    /// Adds to the fields of the instruction that was appended last, or a word to it.
    pub fn extend(&mut self, at: u32, word: usize, fields: u64) {
        match self.code.get_mut(at as usize + word) {
            Some(present) => *present |= fields,
            None => self.code.push(fields),
        }
    }

    /// The branch at `at` goes somewhere not known yet.
    pub fn patch(&self, at: u32) -> Patch {
        Patch { at, word: None }
    }

    /// The distance in `word` of the instruction at `at` is not known yet.
    pub fn patch_word(&self, at: u32, word: u32) -> Patch {
        Patch { at, word: Some(word) }
    }

    /// Lets a branch go to `target`.
    pub fn bind(&mut self, patch: Patch, target: u32) {
        let distance = (target as i64 - patch.at as i64) * size_of::<u64>() as i64;
        match patch.word {
            Some(word) => self.code[word as usize] = distance as u64,
            None => self.set_imm(patch.at, distance as u32),
        }
    }

    /// The code and, if they were kept, the notes.
    pub fn finish(self) -> (Box<[u64]>, Option<Vec<Note>>) {
        // Copied, not shrunk: what is left of the buffer serves the next function.
        (self.code.as_slice().into(), self.notes)
    }
}

/// Packs the fields of an instruction.
pub fn fields(a: u16, b: u16, c: u16, d: u16) -> u64 {
    Fields::pack(a, b, c, d)
}

/// Packs two fields and an upper half.
pub fn fields_imm(a: u16, b: u16, imm: i32) -> u64 {
    Fields::pack_imm(a, b, imm)
}
