//! What tightening does to small pieces of code, and that it knows how long instructions are.

use super::decode::decode;
use super::tighten;
use crate::compile::{CallReloc, CallSite, CompiledFunc, FuncKey, Handler, RootMap};
use dayfly_runtime::trap::Trap;

fn piece(code: &[u8]) -> CompiledFunc {
    CompiledFunc {
        key: FuncKey::Body(0),
        alignment: CompiledFunc::ALIGNMENT,
        code: code.to_vec(),
        relocs: vec![],
        traps: vec![],
        looks: vec![],
        sites: vec![],
        roots: vec![],
        source: vec![],
        inlined: vec![],
    }
}

fn nops(count: usize) -> Vec<u8> {
    vec![0x90; count]
}

/// Instructions of all shapes; Capstone says where they end.
#[test]
fn lengths_are_what_capstone_says() {
    let code: &[&[u8]] = &[
        &[0x55],
        &[0x48, 0x89, 0xe5],
        &[0x4c, 0x8b, 0x57, 0x10],
        &[0x49, 0x83, 0xc2, 0x60],
        &[0x48, 0x81, 0xec, 0xa0, 0x00, 0x00, 0x00],
        &[0x66, 0x81, 0xc1, 0x34, 0x12],
        &[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0xb9, 1, 2, 3, 4],
        &[0x0f, 0x85, 1, 2, 3, 4],
        &[0x48, 0x63, 0x0c, 0x81],
        &[0x48, 0x8d, 0x05, 1, 2, 3, 4],
        &[0x41, 0xff, 0xe0],
        &[0xff, 0xd1],
        &[0xc2, 0x10, 0x00],
        &[0x69, 0xc0, 1, 2, 3, 4],
        &[0x66, 0x41, 0x69, 0xc0, 1, 2],
        &[0xf6, 0x44, 0x24, 0x08, 0x01],
        &[0xf7, 0xd8],
        &[0xf7, 0xc1, 1, 2, 3, 4],
        &[0x48, 0xc7, 0x84, 0x24, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0x66, 0xc7, 0x04, 0x25, 1, 2, 3, 4, 5, 6],
        &[0x66, 0x0f, 0x38, 0x00, 0xc1],
        &[0x66, 0x0f, 0x3a, 0x0f, 0xc1, 0x08],
        &[0xf2, 0x48, 0x0f, 0x2a, 0xc7],
        &[0xf3, 0x0f, 0xb8, 0xc1],
        &[0x66, 0x0f, 0x70, 0xc1, 0x1b],
        &[0x0f, 0xc6, 0x05, 1, 2, 3, 4, 0x1b],
        &[0xf0, 0x48, 0x0f, 0xb1, 0x0c, 0x07],
        &[0xf0, 0x0f, 0xc1, 0x4c, 0x07, 0x10],
        &[0x0f, 0xae, 0xf0],
        &[0x0f, 0xc8],
        &[0x0f, 0xba, 0xe0, 0x05],
        &[0x0f, 0x94, 0xc0],
        &[0xc5, 0xfb, 0x59, 0x05, 1, 2, 3, 4],
        &[0xc4, 0xc1, 0x7b, 0x10, 0x04, 0x3c],
        &[0xc4, 0xe2, 0x7b, 0xf6, 0x05, 1, 2, 3, 4],
        &[0xc4, 0xe3, 0x7b, 0xf0, 0xc1, 0x07],
        &[0xc4, 0xe3, 0x79, 0x0f, 0x05, 1, 2, 3, 4, 8],
        &[0xc5, 0xf9, 0x70, 0xc1, 0x1b],
        &[0x62, 0xf2, 0xfd, 0x08, 0x1f, 0xc1],
        &[0x62, 0xf1, 0x7d, 0x48, 0x6f, 0x44, 0x24, 0x01],
        &[0x0f, 0x0b],
    ];
    let capstone = crate::isa::plain(false).unwrap().to_capstone().unwrap();
    for bytes in code {
        let found = capstone.disasm_all(bytes, 0).unwrap();
        assert_eq!(found.iter().map(|i| i.bytes().len()).collect::<Vec<_>>(), [bytes.len()], "{bytes:02x?}");
        assert_eq!(decode(bytes, 0).map(|inst| usize::from(inst.len)), Some(bytes.len()), "{bytes:02x?}");
        for short in 0..bytes.len() {
            assert_eq!(decode(&bytes[..short], 0), None, "{:02x?}", &bytes[..short]);
        }
    }
}

#[test]
fn what_is_not_known_stays() {
    // A short jump; one into an instruction; a call of no other piece; one that lacks its end.
    let strange: [&[u8]; 4] = [
        &[0xeb, 0x00, 0xc3],
        &[0xe9, 0xfc, 0xff, 0xff, 0xff, 0xc3],
        &[0xe8, 0, 0, 0, 0, 0xc3],
        &[0xc3, 0x0f, 0x85],
    ];
    for code in strange {
        let mut found = piece(code);
        tighten(&mut found, &[0], false);
        assert_eq!(found.code, code);
    }
    // A trap inside of an instruction.
    let mut found = piece(&[0x48, 0x81, 0xc0, 1, 0, 0, 0, 0xc3]);
    found.traps.push((1, Trap::Unreachable));
    let before = found.code.clone();
    tighten(&mut found, &[0], false);
    assert_eq!(found.code, before);
}

#[test]
fn jumps_are_short_where_they_reach() {
    for (between, short) in [(127, true), (128, false)] {
        let code = [&[0x0f, 0x84][..], &(between as u32).to_le_bytes(), &nops(between), &[0xcc]].concat();
        let mut found = piece(&code);
        tighten(&mut found, &[0], false);
        let expected = if short { [&[0x74, 127][..], &nops(127), &[0xcc]].concat() } else { code };
        assert_eq!(found.code, expected);
    }
    // Backwards, with a constant that takes a byte.
    let code = [0x48, 0x81, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xe9, 0xf4, 0xff, 0xff, 0xff];
    let mut found = piece(&code);
    tighten(&mut found, &[0], false);
    assert_eq!(found.code, [0x48, 0x83, 0xc0, 0xff, 0xeb, 0xfa]);
}

/// All that is known of places in the code follows them.
#[test]
fn tables_follow() {
    // je to the call; a load that may trap; the call; a trap.
    let code = [&[0x0f, 0x84, 3, 0, 0, 0][..], &[0x48, 0x8b, 0x07], &[0xe8, 0, 0, 0, 0], &[0x0f, 0x0b]];
    let mut found = piece(&code.concat());
    found.relocs.push(CallReloc { offset: 10, target: FuncKey::Body(1), addend: -4 });
    found.traps.extend([(6, Trap::NullReference), (14, Trap::Unreachable)]);
    let handlers = vec![Handler::Context(8), Handler::Tag(3, 14), Handler::All(9)];
    found.sites.push(CallSite { returns_to: 14, frame_offset: 16, handlers });
    found.roots.push(RootMap { returns_to: 14, below_fp: vec![8] });
    found.source.extend([(0, 7), (6, 8), (9, u32::MAX), (14, 9)]);
    tighten(&mut found, &[0, 6, 9], false);
    assert_eq!(found.code.len(), 12);
    assert_eq!(found.relocs, [CallReloc { offset: 6, target: FuncKey::Body(1), addend: -4 }]);
    assert_eq!(found.traps, [(2, Trap::NullReference), (10, Trap::Unreachable)]);
    let handlers = vec![Handler::Context(8), Handler::Tag(3, 10), Handler::All(5)];
    assert_eq!(found.sites, [CallSite { returns_to: 10, frame_offset: 16, handlers }]);
    assert_eq!(found.roots, [RootMap { returns_to: 10, below_fp: vec![8] }]);
    assert_eq!(found.source, [(0, 7), (2, 8), (5, u32::MAX), (10, 9)]);
}

/// A loop over a table of jumps, with a constant behind: the jump back becomes a choice of its own.
#[test]
fn choices_are_repeated() {
    let code = [
        &[0x48, 0x8d, 0x05, 9, 0, 0, 0][..], // 0: lea table, rax
        &[0x48, 0x63, 0x0c, 0xb8],           // 7: movslq (rax, rdi, 4), rcx
        &[0x48, 0x01, 0xc8],                 // 11: addq rcx, rax
        &[0xff, 0xe0],                       // 14: jmp rax
        &8u32.to_le_bytes(),                 // 16: the table
        &21u32.to_le_bytes(),
        &[0x48, 0x03, 0x3d, 17, 0, 0, 0, 0x90], // 24: addq constant, rdi
        &[0xe9, 0xdb, 0xff, 0xff, 0xff],        // 32: back
        &[0xc3],                                // 37: return
        &[0; 10],
        &42u64.to_le_bytes(), // 48: the constant
    ];
    let mut found = piece(&code.concat());
    found.traps.push((7, Trap::NullReference));
    found.source.push((0, 5));
    tighten(&mut found, &[0, 24, 37], false);
    let expected = [
        &[0x48, 0x8d, 0x05, 9, 0, 0, 0, 0x48, 0x63, 0x0c, 0xb8, 0x48, 0x01, 0xc8, 0xff, 0xe0][..],
        &8u32.to_le_bytes(),
        &32u32.to_le_bytes(),
        &[0x48, 0x03, 0x3d, 33, 0, 0, 0, 0x90],
        // The table stands 23 bytes before where the address is taken.
        &[0x48, 0x8d, 0x05, 0xe9, 0xff, 0xff, 0xff, 0x48, 0x63, 0x0c, 0xb8, 0x48, 0x01, 0xc8, 0xff, 0xe0],
        &[0xc3],
        &[0; 15],
        &42u64.to_le_bytes(),
    ];
    assert_eq!(found.code, expected.concat());
    assert_eq!(found.traps, [(7, Trap::NullReference), (39, Trap::NullReference)]);
}

#[test]
fn small_loops_lie_in_one_line() {
    // 40 bytes in front, a loop of 30.
    let back = (-33i32).to_le_bytes();
    let code = [&nops(40)[..], &nops(28), &[0xe9], &back].concat();
    let mut found = piece(&code);
    tighten(&mut found, &[0, 40], false);
    assert_eq!(found.alignment, 64);
    assert_eq!(found.code.len(), 64 + 30);
    assert_eq!(found.code[64 + 28..], [0xeb, (-30i8) as u8]);
}

/// What is left and comes back is no loop; the one that it comes back to is placed.
#[test]
fn code_that_is_left_and_comes_back_is_no_loop() {
    let jump = |from: usize, to: usize| (to as i32 - from as i32).to_le_bytes();
    // 40: the loop begins; 44: it is left for 74; 50: come back to; 68: back; 73: return; 74: aside.
    let code = [
        &nops(40)[..],
        &nops(4),
        &[0x0f, 0x85],
        &jump(50, 74),
        &nops(18),
        &[0xe9],
        &jump(73, 40),
        &[0xc3],
        &nops(2),
        &[0xe9],
        &jump(81, 50),
    ];
    let mut found = piece(&code.concat());
    tighten(&mut found, &[0, 40, 50, 73, 74], false);
    // The loop of 26 bytes is in a line of its own, and nothing is put into it.
    let expected = [
        &nops(4)[..],
        &[0x75, (64 + 26 + 1 - (64 + 6)) as u8],
        &nops(18),
        &[0xeb, (-26i8) as u8],
        &[0xc3],
        &nops(2),
        &[0xeb, (64 + 6 - (64 + 26 + 1 + 4)) as i8 as u8],
    ];
    assert_eq!(found.code[64..], expected.concat());
}

/// A look is put in the place of what stands for it, its conditional jump stays.
#[test]
fn looks_take_the_place_of_tests() {
    // mov 0x8(%rsp), %rdx; test %rdx, %rdx; jne over a nop; ret
    let mut code =
        vec![0x90, 0x48, 0x8b, 0x54, 0x24, 0x08, 0x48, 0x85, 0xd2, 0x0f, 0x85, 1, 0, 0, 0, 0x90, 0xc3];
    let marked = |code: &[u8], at: u32| CompiledFunc { looks: vec![at], ..piece(code) };
    let mut done = marked(&code, 1);
    tighten(&mut done, &[], false);
    assert!(done.looks.is_empty());
    assert_eq!(done.code, [0x90, 0x65, 0x80, 0x3c, 0x25, 0, 0, 0, 0, 0, 0x75, 1, 0x90, 0xc3]);
    // What is moved in between does not matter; anything else leaves all as it was.
    let mut done = marked(&code, 0);
    tighten(&mut done, &[], false);
    assert!(done.looks.is_empty() && done.code.len() == 14);
    code[8] = 0xc2;
    let mut left = marked(&code, 1);
    tighten(&mut left, &[], false);
    assert_eq!((&left.looks[..], &left.code), (&[1][..], &code));
}

/// The check of the stack goes by the segment where there is one, with frames of all sizes.
#[test]
fn the_limit_of_the_stack_is_found_by_the_segment() {
    let compare = [0x65, 0x4c, 0x39, 0x14, 0x25, 8, 0, 0, 0];
    let cases: [(&[u8], &[u8], [u8; 9]); 3] = [
        (&[0x49, 0x83, 0xc2, 0x30], &[0x4c, 0x8d, 0x54, 0x24, 0xd0], compare),
        (&[0x49, 0x81, 0xc2, 0, 1, 0, 0], &[0x4c, 0x8d, 0x94, 0x24, 0, 0xff, 0xff, 0xff], compare),
        (&[], &[], [0x65, 0x48, 0x39, 0x24, 0x25, 8, 0, 0, 0]),
    ];
    for (add, lea, compare) in cases {
        let start = [0x55, 0x48, 0x89, 0xe5];
        let loads = [0x4c, 0x8b, 0x57, 0x10, 0x4d, 0x8b, 0x52, 0x30];
        let end = [0x0f, 0x87, 1, 0, 0, 0, 0xc3, 0x0f, 0x0b];
        let code = [&start[..], &loads, add, &[0x49, 0x39, 0xe2], &end].concat();
        let mut with = piece(&code);
        tighten(&mut with, &[], true);
        assert_eq!(with.code, [&start[..], lea, &compare, &[0x77, 1, 0xc3, 0x0f, 0x0b]].concat());
        let mut without = piece(&code);
        tighten(&mut without, &[], false);
        assert_eq!(without.code.len(), code.len() - 4);
    }
}
