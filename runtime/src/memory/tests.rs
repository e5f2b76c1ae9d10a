//! Tests of linear memories: sizes, growth, reservations that are not given.

use super::*;

fn memory(ty: MemoryType, config: &RuntimeConfig) -> LinearMemory {
    LinearMemory::new(ty, config).unwrap()
}

#[test]
fn growth_is_in_place_up_to_the_reservation() {
    let config = RuntimeConfig { memory_reservation: 4 << 16, ..RuntimeConfig::default() };
    let mut m = memory(MemoryType::new(1, None), &config);
    let base = m.vm().base;
    m.write(65_535, b"x").unwrap();
    m.grow(3).unwrap();
    assert_eq!((m.vm().base, m.vm().len, m.pages()), (base, 4 << 16, 4));
    if sys::CAN_RESERVE {
        let error = m.grow(1).unwrap_err();
        assert_eq!(error.to_string(), "out of memory: the system does not give 327680 bytes of memory");
        assert_eq!(m.pages(), 4);
    }
}

#[test]
fn writes_are_bounded_by_the_length() {
    let mut m = memory(MemoryType::new(1, None), &RuntimeConfig::default());
    assert_eq!(m.write(65_535, b"x"), Ok(()));
    assert_eq!(m.write(65_536, b""), Ok(()));
    assert_eq!(m.write(65_535, b"xy"), Err(Trap::MemoryOutOfBounds));
    assert_eq!(m.write(u64::MAX, b"x"), Err(Trap::MemoryOutOfBounds));
}

#[test]
fn pages_of_one_byte() {
    let ty = MemoryType { page_size_log2: 0, ..MemoryType::new(10, Some(5000)) };
    let mut m = memory(ty, &RuntimeConfig::default());
    assert_eq!(m.vm().len, 10);
    m.grow(4990).unwrap();
    assert_eq!(m.vm().len, 5000);
    m.write(4999, b"x").unwrap();
    assert!(m.grow(1).is_err());
}

#[test]
fn impossible_sizes_are_errors() {
    let config = RuntimeConfig::default();
    let huge = MemoryType { memory64: true, ..MemoryType::new(1 << 48, None) };
    let error = LinearMemory::new(huge, &config).unwrap_err();
    assert!(error.to_string().starts_with("out of memory"), "{error}");
    let mut m = memory(MemoryType { memory64: true, ..MemoryType::new(0, None) }, &config);
    assert!(m.grow(u64::MAX).is_err());
    assert!(m.grow(1 << 47).is_err());
    m.grow(1).unwrap();
    assert_eq!(m.pages(), 1);
}

#[test]
fn code_that_relies_on_the_guard_gets_no_larger_memory_than_it_reaches() {
    let config =
        RuntimeConfig { memory_guarded: true, memory_reservation: 1 << 20, ..RuntimeConfig::default() };
    let ty = |pages| MemoryType { memory64: true, ..MemoryType::new(pages, None) };
    if sys::CAN_RESERVE {
        assert_eq!(memory(ty(256), &config).pages(), 256);
        let error = LinearMemory::new(ty(257), &config).unwrap_err();
        let expected = "limit exceeded: 16842752 bytes of memory requested, 16777216 allowed";
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_is_noted_of_pages_is_bounded() {
    let ty = |pages| MemoryType { memory64: true, ..MemoryType::new(pages, None) };
    assert!(can_be_reset(&ty(1 << 16)));
    assert!(!can_be_reset(&ty((1 << 16) + 1)));
    assert!(!can_be_reset(&ty(u64::MAX)));
    let config = RuntimeConfig::default();
    let how = MemoryTracking::Discard;
    assert!(LinearMemory::resettable(ty(1), 1 << 30, &config, how, None).is_none());
}

#[test]
fn a_reservation_that_is_not_given_shrinks() {
    let config = RuntimeConfig { memory_reservation: 1 << 60, ..RuntimeConfig::default() };
    let mut m = memory(MemoryType { memory64: true, ..MemoryType::new(1, None) }, &config);
    m.grow(100).unwrap();
    assert_eq!(m.pages(), 101);
}

#[test]
fn an_empty_memory_has_a_base() {
    let config = RuntimeConfig { memory_guard: 0, ..RuntimeConfig::default() };
    let m = memory(MemoryType::new(0, Some(0)), &config);
    assert!(!m.vm().base.is_null());
    assert_eq!(m.vm().len, 0);
}
