//! Operands to try, and when two results are the same.

use dayfly_parser::ValType;
use dayfly_runtime::num::V128;

/// A value of any type: its bytes, the rest zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C, align(16))]
pub struct Bits(pub [u8; 16]);

/// What loads and stores access.
#[derive(Clone, PartialEq, Eq, Debug)]
#[repr(C, align(16))]
pub struct Memory(pub [u8; 64]);

/// Memory before an access: positive and negative bytes, none like its neighbours.
pub fn memory() -> Memory {
    Memory(core::array::from_fn(|i| (i as u8).wrapping_mul(0x5b) ^ 0x80))
}

/// The value with these low bits, sign-extended.
pub fn bits_of(value: i128) -> Bits {
    Bits(value.to_le_bytes())
}

/// Integers at which something changes, by their width.
fn edges_of_ints(width: u32) -> Vec<u64> {
    let mask = u64::MAX >> (64 - width);
    let mut edges =
        vec![0, 1, 2, 3, 5, 7, 8, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 255, 256];
    edges.extend([0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000]);
    edges.extend([1 << (width - 1), 1 << (width - 2), 0x5555_5555_5555_5555, 0x0123_4567_89ab_cdef]);
    edges.extend([0x00ff_ff40_0000_0001, 0x8000_0080_0000_0001]);
    let negated: Vec<u64> = edges.iter().map(|edge: &u64| edge.wrapping_neg()).collect();
    let below: Vec<u64> = edges.iter().map(|edge| edge.wrapping_sub(1)).collect();
    edges.extend(negated);
    edges.extend(below);
    edges.iter_mut().for_each(|edge| *edge &= mask);
    edges.sort();
    edges.dedup();
    edges
}

/// Floats at which something changes, of both signs.
fn edges_of_floats(width: u32) -> Vec<u64> {
    let plain = [
        0.0,
        0.3,
        0.5,
        0.75,
        1.0,
        1.5,
        2.0,
        2.5,
        3.0,
        3.5,
        7.0,
        10.0,
        100.25,
        127.5,
        32767.5,
        65535.5,
        8388607.5,
        8388609.0,
        2147483520.0,
        2147483647.0,
        2147483647.5,
        2147483648.0,
        2147483648.5,
        2147483649.0,
        4294967040.0,
        4294967295.0,
        4294967295.5,
        4294967296.0,
        4503599627370495.5,
        9007199254740991.0,
        9223371487098961920.0,
        9223372036854774784.0,
        9223372036854775808.0,
        18446744073709549568.0,
        18446744073709551616.0,
        1e10,
        1e30,
        1e-30,
        1e-300,
        1e300,
        f64::INFINITY,
    ];
    let mut edges: Vec<u64> = if width == 32 {
        let bits =
            [1, 2, 0x0040_0000, 0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x0100_0000, 0x3f7f_ffff, 0x3f80_0001];
        let greatest = [0x7f7f_ffff, 0x7f00_0000, 0x7fc0_0000, 0x7fc0_0001, 0x7fa0_0000, 0x7f80_0001];
        let plain = plain.iter().map(|&float| (float as f32).to_bits());
        plain.chain(bits).chain(greatest).map(u64::from).collect()
    } else {
        let bits = [
            1,
            2,
            1 << 51,
            (1 << 52) - 1,
            1 << 52,
            (1 << 52) + 1,
            1 << 53,
            (0x3ff << 52) - 1,
            (0x3ff << 52) + 1,
        ];
        let greatest = [
            (0x7ff << 52) - 1,
            0x7fe << 52,
            0x7ff8 << 48,
            (0x7ff8 << 48) + 1,
            0x7ff4 << 48,
            (0x7ff << 52) + 1,
        ];
        plain.iter().map(|float| float.to_bits()).chain(bits).chain(greatest).collect()
    };
    let negative: Vec<u64> = edges.iter().map(|edge| edge | 1 << (width - 1)).collect();
    edges.extend(negative);
    edges
}

/// A kind of lanes, or of scalars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Kind {
    width: u32,
    float: bool,
}

/// How many lanes of each kind stand in the names of operators.
const KINDS: [(&str, Kind); 6] = [
    ("i8x16", Kind { width: 8, float: false }),
    ("i16x8", Kind { width: 16, float: false }),
    ("i32x4", Kind { width: 32, float: false }),
    ("i64x2", Kind { width: 64, float: false }),
    ("f32x4", Kind { width: 32, float: true }),
    ("f64x2", Kind { width: 64, float: true }),
];

impl Kind {
    fn edges(self) -> Vec<u64> {
        if self.float { edges_of_floats(self.width) } else { edges_of_ints(self.width) }
    }
}

/// Numbers that look random and are the same in each run (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }
}

/// Tuples of operands: of scalars all pairs of edges, of others a choice.
pub fn tuples(name: &str, types: &[ValType]) -> Vec<Vec<Bits>> {
    const CHOSEN: usize = 400;
    let edges = KINDS.map(|(_, kind)| (kind, kind.edges()));
    let of_scalar = |ty: ValType| match ty {
        ValType::I32 => &edges[2],
        ValType::I64 => &edges[3],
        ValType::F32 => &edges[4],
        ValType::F64 => &edges[5],
        ty => unreachable!("{ty:?} is no scalar"),
    };
    let mut tuples = Vec::new();
    match *types {
        [ty] if ty != ValType::V128 => {
            tuples.extend(of_scalar(ty).1.iter().map(|&a| vec![bits_of(a.into())]))
        }
        [first, second] if first != ValType::V128 => {
            for &a in &of_scalar(first).1 {
                let pairs = of_scalar(second).1.iter().map(|&b| vec![bits_of(a.into()), bits_of(b.into())]);
                tuples.extend(pairs);
            }
        }
        _ => {}
    }

    let named = |i: &usize| name.contains(KINDS[*i].0);
    let mut kinds: Vec<usize> = (0..KINDS.len()).filter(named).collect();
    if kinds.is_empty() {
        kinds.extend(0..KINDS.len());
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..CHOSEN {
        let lanes = &edges[kinds[random.below(kinds.len())]];
        let mut operand = |&ty: &ValType| match ty {
            ValType::V128 => vector(&mut random, lanes),
            ty => bits_of(lane(&mut random, of_scalar(ty)).into()),
        };
        tuples.push(types.iter().map(&mut operand).collect());
    }
    tuples
}

/// A lane: mostly an edge, else any bits.
fn lane(random: &mut Random, (kind, edges): &(Kind, Vec<u64>)) -> u64 {
    match random.below(4) {
        0 => random.next() & u64::MAX >> (64 - kind.width),
        _ => edges[random.below(edges.len())],
    }
}

fn vector(random: &mut Random, lanes: &(Kind, Vec<u64>)) -> Bits {
    let width = lanes.0.width;
    let bits = (0..128 / width).fold(0u128, |bits, _| bits << width | u128::from(lane(random, lanes)));
    Bits(bits.to_le_bytes())
}

/// Triples of vectors of floats whose sums `x * y + z` are often halfway between two floats,
/// nearly so, nearly zero, or about the least or the greatest of all.
pub fn triples_of_factors(width: u32) -> Vec<Vec<Bits>> {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut vectors = || {
        let mut vectors = [0u128; 3];
        for _ in 0..128 / width {
            let floats =
                if random.below(3) == 0 { near_tie(&mut random, width) } else { factors(&mut random, width) };
            for (vector, float) in vectors.iter_mut().zip(floats) {
                let float = if random.below(2) == 1 { -float } else { float };
                let bits = if width == 32 { (float as f32).to_bits().into() } else { float.to_bits() };
                *vector = *vector << width | u128::from(bits);
            }
        }
        vectors.map(|bits| Bits(bits.to_le_bytes())).to_vec()
    };
    (0..20_000).map(|_| vectors()).collect()
}

/// `mantissa * 2^exponent`, in two steps, lest the power itself be too small.
fn scaled(mantissa: u64, exponent: i32) -> f64 {
    mantissa as f64 * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2)
}

/// Numbers with few or many bits, at all distances from each other.
fn factors(random: &mut Random, width: u32) -> [f64; 3] {
    let (precision, least, greatest) = if width == 32 { (24, -149, 128) } else { (53, -1074, 1024) };
    let [x, y, z] = core::array::from_fn(|_| {
        let bits = 1 + random.below(precision);
        match random.below(4) {
            0 => random.next() & ((1 << bits) - 1),
            1 => 1 << (bits - 1),
            2 => (1 << (bits - 1)) + 1,
            _ => (1 << bits) - 1,
        }
    });
    let base = match random.below(4) {
        0 => least - 60 + random.below(80) as i32,
        1 => greatest - random.below(3 * precision) as i32,
        _ => 0,
    };
    let apart = random.below(3 * precision + 8) as i32 - precision as i32 - 4;
    [scaled(x, base + 9), scaled(y, -9), scaled(z, base + apart)]
}

/// A product that is a bit more than a power of 2, and a number of whose last bit that
/// power is the half.
fn near_tie(random: &mut Random, width: u32) -> [f64; 3] {
    let precision = if width == 32 { 24 } else { 53 };
    let (x, y, power) = if random.below(2) == 0 {
        let bits = 2 + random.below(11) as u32;
        let y = 1 | 1 << (bits - 1) | random.next() & ((1 << bits) - 1);
        let power = precision - 1 + bits;
        ((1u128 << power).div_ceil(y.into()) as u64, y, power)
    } else {
        // 2^3n + 1 has the divisor 2^n + 1.
        let n = 1 + random.below(precision as usize / 2) as u32;
        ((1 << (2 * n)) - (1 << n) + 1, (1 << n) + 1, 3 * n)
    };
    let z = 1 << (precision - 1) | random.next() & ((1 << precision) - 1);
    [x as f64, y as f64, scaled(z, power as i32 + 1)]
}

/// Operators that only move bits: NaNs stay as they are.
const BITWISE: [&str; 12] = [
    ".abs",
    ".neg",
    ".copysign",
    ".pmin",
    ".pmax",
    "load",
    "_lane",
    "splat",
    "reinterpret",
    "v128.",
    "shuffle",
    "swizzle",
];

/// Whether a result is right: equal to the one expected, or where that is a NaN by
/// arithmetic, a quiet NaN, and a canonical one if no operand holds another.
pub fn same(name: &str, ty: ValType, operands: &[Bits], expected: Bits, actual: Bits) -> bool {
    if expected == actual {
        return true;
    }
    let width = match ty {
        ValType::F32 => 32,
        ValType::F64 => 64,
        ValType::V128 if name.starts_with("f32x4") => 32,
        ValType::V128 if name.starts_with("f64x2") => 64,
        _ => 0,
    };
    if width == 0 || BITWISE.iter().any(|part| name.contains(part)) {
        return false;
    }
    let canonical = !operands.iter().any(|&operand| holds_payload(operand));
    let lanes = if ty == ValType::V128 { 128 / width } else { 1 };
    let (expected, actual) = (u128::from_le_bytes(expected.0), u128::from_le_bytes(actual.0));
    let above = |bits: u128| bits.checked_shr(lanes * width).unwrap_or(0);
    (0..lanes).all(|lane| {
        let lane_of = |bits: u128| (bits >> (lane * width)) as u64 & u64::MAX >> (64 - width);
        let (expected, actual) = (lane_of(expected), lane_of(actual));
        expected == actual || is_nan(width, expected) && is_quiet(width, actual, canonical)
    }) && above(expected) == above(actual)
}

/// The exponent's bits and the highest of the fraction's.
fn quiet(width: u32) -> (u64, u64) {
    if width == 32 { (0x7f80_0000, 0x0040_0000) } else { (0x7ff << 52, 1 << 51) }
}

fn is_nan(width: u32, bits: u64) -> bool {
    bits & u64::MAX >> (65 - width) > quiet(width).0
}

fn is_quiet(width: u32, bits: u64, canonical: bool) -> bool {
    let (exponent, high) = quiet(width);
    let magnitude = bits & u64::MAX >> (65 - width);
    if canonical { magnitude == exponent | high } else { magnitude & (exponent | high) == exponent | high }
}

/// Whether any lane of either width is a NaN that is not canonical.
fn holds_payload(operand: Bits) -> bool {
    let v = V128(operand.0);
    v.to_u32x4().iter().any(|&lane| is_nan(32, lane.into()) && !is_quiet(32, lane.into(), true))
        || v.to_u64x2().iter().any(|&lane| is_nan(64, lane) && !is_quiet(64, lane, true))
}

/// Changes the operands of a relaxed operator to some of which all its forms agree.
pub fn tame(name: &str, operands: &mut [Bits]) {
    let each =
        |v: &mut Bits, f: &dyn Fn(f32) -> f32| *v = Bits(V128::from_f32x4(V128(v.0).to_f32x4().map(f)).0);
    let each_wide =
        |v: &mut Bits, f: &dyn Fn(f64) -> f64| *v = Bits(V128::from_f64x2(V128(v.0).to_f64x2().map(f)).0);
    let mask = |v: &mut Bits| match name {
        "i8x16.relaxed_laneselect" => {
            *v = Bits(V128::from_i8x16(V128(v.0).to_i8x16().map(|lane| lane >> 7)).0)
        }
        "i16x8.relaxed_laneselect" => {
            *v = Bits(V128::from_i16x8(V128(v.0).to_i16x8().map(|lane| lane >> 15)).0)
        }
        "i32x4.relaxed_laneselect" => {
            *v = Bits(V128::from_i32x4(V128(v.0).to_i32x4().map(|lane| lane >> 31)).0)
        }
        _ => *v = Bits(V128::from_i64x2(V128(v.0).to_i64x2().map(|lane| lane >> 63)).0),
    };
    match name {
        "i8x16.relaxed_swizzle" => operands[1].0.iter_mut().for_each(|index| *index &= 0x8f),
        "i32x4.relaxed_trunc_f32x4_s" => each(&mut operands[0], &|a| if a.abs() < 2e9 { a } else { 1.5 }),
        "i32x4.relaxed_trunc_f32x4_u" => {
            each(&mut operands[0], &|a| if (0.0..4e9).contains(&a) { a } else { 1.5 })
        }
        "i32x4.relaxed_trunc_f64x2_s_zero" => {
            each_wide(&mut operands[0], &|a| if a.abs() < 2e9 { a } else { 1.5 })
        }
        "i32x4.relaxed_trunc_f64x2_u_zero" => {
            each_wide(&mut operands[0], &|a| if (0.0..4e9).contains(&a) { a } else { 1.5 });
        }
        // Small integers, whose products and sums are exact, and NaNs.
        "f32x4.relaxed_madd" | "f32x4.relaxed_nmadd" => {
            operands
                .iter_mut()
                .for_each(|v| each(v, &|a| if a.is_nan() { a } else { (a % 1000.0).trunc() + 0.0 }));
            operands.iter_mut().for_each(|v| each(v, &|a| if a.is_infinite() || a == 0.0 { 3.0 } else { a }));
        }
        "f64x2.relaxed_madd" | "f64x2.relaxed_nmadd" => {
            operands
                .iter_mut()
                .for_each(|v| each_wide(v, &|a| if a.is_nan() { a } else { (a % 1000.0).trunc() + 0.0 }));
            operands.iter_mut().for_each(|v| each_wide(v, &|a| if a == 0.0 { 3.0 } else { a }));
        }
        "f32x4.relaxed_min" | "f32x4.relaxed_max" => {
            operands.iter_mut().for_each(|v| each(v, &|a| if a.is_nan() || a == 0.0 { 1.0 } else { a }));
        }
        "f64x2.relaxed_min" | "f64x2.relaxed_max" => {
            operands.iter_mut().for_each(|v| each_wide(v, &|a| if a.is_nan() || a == 0.0 { 1.0 } else { a }));
        }
        "i16x8.relaxed_q15mulr_s" => {
            let lanes = V128(operands[0].0).to_i16x8().map(|lane| lane.max(-0x7fff));
            operands[0] = Bits(V128::from_i16x8(lanes).0);
        }
        "i16x8.relaxed_dot_i8x16_i7x16_s" | "i32x4.relaxed_dot_i8x16_i7x16_add_s" => {
            operands[1].0.iter_mut().for_each(|byte| *byte &= 0x7f);
        }
        _ => mask(&mut operands[2]),
    }
}
