//! Reads whatever bytes there are: what a module must stand, damaged or made to hurt.

use dayfly_parser::*;

/// Decodes damaged bytes and reads what is accepted to its end.
pub fn try_read(bytes: &[u8], config: Config) {
    let validation = config.validation;
    let config = Config { threads: 1, ..config };
    let Ok(module) = Module::new(bytes, &config) else { return };
    let _ = module.check_custom_sections();
    let mut buffers = CursorBuffers::default();
    for func in 0..module.bodies().len() as u32 {
        module.names().func(module.func_index(DefinedFuncIdx(func)));
        let Ok(mut cursor) = Cursor::with_buffers(&module, DefinedFuncIdx(func), buffers) else {
            buffers = CursorBuffers::default();
            assert_eq!(validation, Validation::Lazy);
            continue;
        };
        while cursor.next().unwrap().is_some() {}
        buffers = cursor.into_buffers();
    }
}
