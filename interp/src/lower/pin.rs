//! Pins: in an innermost loop, the local of each bank that is read most often is kept
//! in a register as well. Its slot is still written each time, so the frame is the
//! same with pins and without: whoever reads it, or resumes in it, finds the local there.
//!
//! A pin is loaded before the loop, and behind each call in it, as the callee may have
//! its own. Loops that catch exceptions have none.

use super::Lowering;
use super::emit::fields;
use super::stack::Place;
use crate::exec::select as handlers;
use dayfly_parser::{Cursor, Skimmed, ValType};

/// How often a local has to be read in a round for the pin to be worth its loading
/// before the loop; and how much more often for each call.
const READS: u32 = 3;
const READS_PER_CALL: u32 = 6;

/// The banks that have a pin: integers and f64.
const BANKS: usize = 2;

/// Locals to be pinned, by index; one of each bank.
type Choice = [Option<u32>; BANKS];

/// What is pinned where.
#[derive(Debug, Default)]
pub struct Pins {
    /// For each loop of the function, by its offset in the module; made when the first one is met.
    choices: Option<Vec<(usize, Choice)>>,
    /// What is pinned now: slot and type.
    active: [Option<(u32, ValType)>; BANKS],
}

impl Lowering<'_> {
    /// Whether the local at a slot is pinned.
    pub fn is_pinned(&self, slot: u32) -> bool {
        self.pins.active.iter().flatten().any(|&(pinned, _)| pinned == slot)
    }

    /// Pins what the loop that comes now is to have pinned; false if that is nothing.
    pub fn enter_pins(&mut self, cursor: &Cursor<'_>) -> bool {
        let (start, locals) = (cursor.offset(), &self.locals);
        let choices = self.pins.choices.get_or_insert_with(|| choose(cursor, locals));
        // What a handler of exceptions finds in the pins is not known.
        let choice = match choices.binary_search_by_key(&start, |&(start, _)| start) {
            Ok(found) if self.tries.is_empty() => choices[found].1,
            _ => Choice::default(),
        };
        self.pins.active = choice.map(|local| Some(self.locals[local? as usize]));
        self.load_pins();
        self.pins.active.iter().any(Option::is_some)
    }

    /// At the end of the loop.
    pub fn leave_pins(&mut self) {
        self.pins.active = [None; BANKS];
    }

    /// Loads all pins.
    pub fn load_pins(&mut self) {
        for (slot, ty) in self.pins.active.into_iter().flatten() {
            let slot = self.address(slot);
            self.effect("pin", handlers::of_pin(ty), fields(slot, 0, 0, 0), &[], &[Place::Slot(slot)]);
        }
    }

    /// Loads the pin of a local that an instruction has set which does not know of pins.
    pub fn load_pin(&mut self, slot: u32, ty: ValType) {
        if self.is_pinned(slot) {
            let slot = self.address(slot);
            self.effect("pin", handlers::of_pin(ty), fields(slot, 0, 0, 0), &[], &[Place::Slot(slot)]);
        }
    }
}

/// Chooses for the loop that the cursor has delivered and for all that follow; `locals` are slots and types.
fn choose(cursor: &Cursor<'_>, locals: &[(u32, ValType)]) -> Vec<(usize, Choice)> {
    let mut scan = Scan {
        locals,
        choices: Vec::new(),
        frames: Vec::new(),
        innermost: None,
        calls: 0,
        reads: vec![0; locals.len()],
        read: Vec::new(),
    };
    scan.look_at(Skimmed::Loop(cursor.offset()));
    for found in cursor.skim() {
        scan.look_at(found);
    }
    scan.choices
}

/// Counts what is read in innermost loops.
struct Scan<'a> {
    locals: &'a [(u32, ValType)],
    /// For each loop, by its offset in the module.
    choices: Vec<(usize, Choice)>,
    /// For each open control frame, the loop that it is, if it is one.
    frames: Vec<Option<usize>>,
    /// The loop that everything is counted for, as long as it contains no other.
    innermost: Option<usize>,
    calls: u32,
    reads: Vec<u32>,
    /// The locals that have been read in this loop.
    read: Vec<u32>,
}

impl Scan<'_> {
    fn look_at(&mut self, found: Skimmed) {
        match found {
            Skimmed::Loop(start) => {
                self.begin();
                self.frames.push(Some(self.choices.len()));
                self.innermost = Some(self.choices.len());
                self.choices.push((start, Choice::default()));
            }
            Skimmed::Block => self.frames.push(None),
            Skimmed::Try => {
                self.frames.push(None);
                self.innermost = None;
            }
            Skimmed::Close => {
                if let Some(Some(index)) = self.frames.pop()
                    && self.innermost == Some(index)
                {
                    self.choices[index].1 = self.best();
                    self.innermost = None;
                }
            }
            Skimmed::Call => self.calls += 1,
            Skimmed::Read(local) if self.innermost.is_some() => {
                let reads = &mut self.reads[local.index()];
                *reads += 1;
                if *reads == 1 {
                    self.read.push(local.0);
                }
            }
            Skimmed::Read(_) => {}
        }
    }

    /// Starts to count.
    fn begin(&mut self) {
        self.calls = 0;
        for local in self.read.drain(..) {
            self.reads[local as usize] = 0;
        }
    }

    /// What was read most often; of several, the first that was read.
    fn best(&self) -> Choice {
        let enough = READS + READS_PER_CALL * self.calls;
        let mut best: [Option<(u32, u32)>; BANKS] = [None; BANKS];
        for &local in &self.read {
            let bank = match self.locals[local as usize].1 {
                ValType::I32 | ValType::I64 => 0,
                ValType::F64 => 1,
                _ => continue,
            };
            let reads = self.reads[local as usize];
            if reads >= enough && best[bank].is_none_or(|(_, most)| reads > most) {
                best[bank] = Some((local, reads));
            }
        }
        best.map(|best| best.map(|(local, _)| local))
    }
}
