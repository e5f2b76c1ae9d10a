//! References in frames of machine code.

use super::*;

/// Where the first field of a structure is.
const FIELD: i32 = 8;

#[test]
fn references_in_frames_are_found_and_follow_their_objects() {
    let mut store = store_with(RuntimeConfig { gc_torture: true, ..RuntimeConfig::default() });
    let ty = struct_type(&shape(&store, 1));
    let flags = MemFlagsData::trusted();
    let heap = |m: &mut Maker<'_>| {
        let store = m.b.ins().load(I64, flags, m.vm, offset_of!(Vm, store) as i32);
        m.b.ins().load(I64, flags, store, offset_of!(VmStore, gc_base) as i32)
    };
    // Makes an object that holds its argument, calls body 1 which makes others, and reads it again.
    let keeps = body(0, |mut m| {
        let id = m.b.ins().load(I64, flags, m.vm, offset_of!(Vm, type_ids) as i32);
        let id = m.b.ins().uload32(flags, id, ty as i32 * 4);
        let object = m.builtin(Builtin::StructNew, &[id]);
        m.b.declare_value_needs_stack_map(object);
        let base = heap(&mut m);
        let address = m.b.ins().iadd(base, object);
        m.b.ins().store(flags, m.arg, address, FIELD);
        let before = object;
        m.call(1, id);
        let base = heap(&mut m);
        let address = m.b.ins().iadd(base, before);
        let result = m.b.ins().load(I64, flags, address, FIELD);
        m.finish(result);
    });
    let churns = body(1, |mut m| {
        for _ in 0..3 {
            m.builtin(Builtin::StructNew, &[m.arg]);
        }
        let arg = m.arg;
        m.finish(arg);
    });
    assert_eq!(keeps.roots.len(), 1, "{:?}", keeps.roots);
    let instance = instance(&mut store, vec![keeps, churns]);
    for arg in [1, -7, i64::MAX] {
        assert_eq!(call(&mut store, instance, 0, arg).unwrap(), arg);
    }
    assert!(store.gc_stats().collections >= 9, "{:?}", store.gc_stats());
}
