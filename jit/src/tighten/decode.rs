//! How long an instruction of x86-64 is, and what in it depends on where it stands. Knows what a compiler
//! emits; for anything else there is no answer, and code stays as it is.

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inst {
    /// Bytes.
    pub len: u8,
    /// What it is.
    pub kind: Kind,
    /// Whether what stands behind it is reached from it.
    pub falls_through: bool,
}

/// What is to be known of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nothing in it depends on its place.
    Plain,
    /// A jump with a distance of 32 bits at its end: on a condition (the lower half of the opcode), or always.
    Jump(Option<u8>),
    /// A call with a distance of 32 bits at its end.
    Call,
    /// A jump to an address in a register.
    JumpRegister,
    /// It names a place by its distance: 32 bits, so far from its start. Whether it takes the address alone.
    Relative {
        /// Where the distance is.
        at: u8,
        /// Whether it takes the address and reads nothing.
        address: bool,
    },
    /// An operation on a constant of 32 bits at its end; the opcode, `0x81`, stands so far from its start.
    Constant(u8),
}

/// The legacy prefixes that occur.
const PREFIXES: [u8; 4] = [0x66, 0xf0, 0xf2, 0xf3];

/// The instruction that starts at a place of the code.
pub fn decode(code: &[u8], start: usize) -> Option<Inst> {
    let mut reader = Reader { code, start, at: start };
    let inst = reader.inst()?;
    (reader.at <= code.len() && usize::from(inst.len) <= 15).then_some(inst)
}

struct Reader<'a> {
    code: &'a [u8],
    start: usize,
    at: usize,
}

/// Operands of an instruction: whether there is a byte that says which, and bytes of a constant behind.
type Shape = (bool, usize);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.code.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn inst(&mut self) -> Option<Inst> {
        let mut byte = self.byte()?;
        let mut narrow = false;
        while PREFIXES.contains(&byte) {
            narrow |= byte == 0x66;
            byte = self.byte()?;
        }
        let mut wide = false;
        if byte & 0xf0 == 0x40 {
            wide = byte & 8 != 0;
            byte = self.byte()?;
        }
        let constant = if narrow { 2 } else { 4 };
        match byte {
            0x0f => self.two_bytes(),
            0xc4 | 0xc5 | 0x62 => self.vector(byte),
            0xe8 => self.finish((false, 4), Kind::Call),
            0xe9 => self.finish((false, 4), Kind::Jump(None)).map(last),
            0xc3 => self.finish((false, 0), Kind::Plain).map(last),
            0xc2 => self.finish((false, 2), Kind::Plain).map(last),
            0x81 => {
                let opcode = self.at - 1 - self.start;
                let kind = if narrow { Kind::Plain } else { Kind::Constant(opcode as u8) };
                self.finish((true, constant), kind)
            }
            0x8d => self.operands((true, 0), true),
            // `test` with a constant is the first of its group.
            0xf6 | 0xf7 => {
                let tests = self.peek()? >> 3 & 7 < 2;
                let size = if byte == 0xf6 { 1 } else { constant };
                self.operands((true, if tests { size } else { 0 }), false)
            }
            0xff => match self.peek()? >> 3 & 7 {
                4 if self.peek()? >= 0xc0 => self.finish((true, 0), Kind::JumpRegister).map(last),
                // A jump by memory.
                4 | 5 => None,
                _ => self.operands((true, 0), false),
            },
            _ => {
                let shape = one_byte(byte, constant, wide)?;
                self.operands(shape, false)
            }
        }
    }

    fn two_bytes(&mut self) -> Option<Inst> {
        let byte = self.byte()?;
        match byte {
            0x0b => self.finish((false, 0), Kind::Plain).map(last),
            0x38 => {
                self.byte()?;
                self.operands((true, 0), false)
            }
            0x3a => {
                self.byte()?;
                self.operands((true, 1), false)
            }
            0x80..=0x8f => self.finish((false, 4), Kind::Jump(Some(byte & 15))),
            0xc8..=0xcf => self.finish((false, 0), Kind::Plain),
            0x10..=0x17 | 0x1f | 0x28..=0x2f | 0x40..=0x6f | 0x74..=0x76 | 0x78..=0x7f => {
                self.operands((true, 0), false)
            }
            0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 => self.operands((true, 1), false),
            0x90..=0x9f | 0xa3 | 0xa5 | 0xab | 0xad | 0xae | 0xaf | 0xb0 | 0xb1 | 0xb3 | 0xb6..=0xb8 => {
                self.operands((true, 0), false)
            }
            0xbb..=0xc1 | 0xc3 | 0xc7 | 0xd0..=0xfe => self.operands((true, 0), false),
            _ => None,
        }
    }

    /// With one of the prefixes of vector instructions.
    fn vector(&mut self, prefix: u8) -> Option<Inst> {
        let first = self.byte()?;
        let map = match prefix {
            0xc5 => 1,
            0xc4 => {
                self.byte()?;
                first & 0x1f
            }
            _ => {
                self.byte()?;
                self.byte()?;
                first & 7
            }
        };
        let byte = self.byte()?;
        match (map, byte) {
            (1, 0x77) => self.finish((false, 0), Kind::Plain),
            (1, 0x70..=0x73 | 0xc2 | 0xc4..=0xc6) | (3, _) => self.operands((true, 1), false),
            (1 | 2, _) => self.operands((true, 0), false),
            _ => None,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.code.get(self.at).copied()
    }

    /// The operands of an instruction that may name a place by its distance.
    fn operands(&mut self, shape: Shape, address: bool) -> Option<Inst> {
        let relative = shape.0 && self.peek()? & 0xc7 == 0x05;
        let at = (self.at + 1 - self.start) as u8;
        self.finish(shape, if relative { Kind::Relative { at, address } } else { Kind::Plain })
    }

    fn finish(&mut self, (selects, constant): Shape, kind: Kind) -> Option<Inst> {
        if selects {
            let byte = self.byte()?;
            let (mode, place) = (byte >> 6, byte & 7);
            // Such a distance is found by `operands` alone.
            if mode == 0 && place == 5 && !matches!(kind, Kind::Plain | Kind::Relative { .. }) {
                return None;
            }
            if mode != 3 {
                let base = if place == 4 { self.byte()? & 7 } else { place };
                self.at += match (mode, base) {
                    (0, 5) | (2, _) => 4,
                    (1, _) => 1,
                    _ => 0,
                };
            }
        }
        self.at += constant;
        let len = u8::try_from(self.at - self.start).ok()?;
        Some(Inst { len, kind, falls_through: true })
    }
}

fn last(inst: Inst) -> Inst {
    Inst { falls_through: false, ..inst }
}

fn one_byte(byte: u8, constant: usize, wide: bool) -> Option<Shape> {
    Some(match byte {
        0x00..=0x3f => match byte & 7 {
            0..=3 => (true, 0),
            4 => (false, 1),
            5 => (false, constant),
            _ => return None,
        },
        0x50..=0x5f | 0x90 | 0x98 | 0x99 | 0xcc => (false, 0),
        0x63 | 0x84..=0x8b | 0xd0..=0xd3 | 0xfe => (true, 0),
        0x68 | 0xa9 => (false, constant),
        0x6a | 0xa8 | 0xb0..=0xb7 => (false, 1),
        0x69 | 0xc7 => (true, constant),
        0x6b | 0x80 | 0x83 | 0xc0 | 0xc1 | 0xc6 => (true, 1),
        0xb8..=0xbf => (false, if wide { 8 } else { constant }),
        _ => return None,
    })
}
