//! Reads and writes a guest's memory, from outside and from a host function.
//! `cargo run -p dayfly --example memory_access`

use dayfly::{Caller, Engine, Error, Extern, Linker, Memory, Module, Result, Store};

fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "print", print)?;
    let module = Module::new(
        &engine,
        r#"
        (module
            (import "host" "print" (func $print (param i32 i32)))
            (memory (export "memory") 1 3)
            ;; Turns lower case into upper case, in place, then prints it.
            (func (export "shout") (param $at i32) (param $len i32)
                (local $p i32) (local $end i32)
                (local.set $p (local.get $at))
                (local.set $end (i32.add (local.get $at) (local.get $len)))
                (block $done
                    (loop $next
                        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
                        (if (i32.lt_u
                                (i32.sub (i32.load8_u (local.get $p)) (i32.const 97))
                                (i32.const 26))
                            (then (i32.store8
                                (local.get $p)
                                (i32.sub (i32.load8_u (local.get $p)) (i32.const 32)))))
                        (local.set $p (i32.add (local.get $p) (i32.const 1)))
                        (br $next)))
                (call $print (local.get $at) (local.get $len))))
        "#,
    )?;
    // The data of the store counts what was printed.
    let mut store = Store::new(&engine, 0usize);
    let instance = linker.instantiate(&mut store, &module)?;
    let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| Error::msg("no memory"))?;

    let text = b"hello from the host";
    memory.write(&mut store, 1024, text)?;
    let shout = instance.get_typed_func::<(u32, u32), ()>(&mut store, "shout")?;
    shout.call(&mut store, (1024, text.len() as u32))?;
    println!("{} bytes printed", store.data());

    println!("{} pages of {} bytes", memory.size(&store), memory.page_size(&store));
    memory.grow(&mut store, 2)?;
    println!(
        "{} pages after growing; growing further: {}",
        memory.size(&store),
        memory.grow(&mut store, 1).unwrap_err()
    );
    println!("byte 1024 is {:?}", memory.data(&store)[1024] as char);
    match memory.read(&store, 3 << 16, &mut [0]) {
        Ok(()) => println!("read past the end"),
        Err(error) => println!("reading past the end: {error}"),
    }
    Ok(())
}

/// Prints what stands in the memory that the calling instance exports.
fn print(mut caller: Caller<'_, usize>, at: u32, len: u32) -> Result<()> {
    let memory: Memory = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => memory,
        _ => return Err(Error::msg("the guest exports no memory")),
    };
    let (bytes, printed) = memory.data_and_store_mut(&mut caller);
    let bytes = bytes.get(at as usize..).and_then(|bytes| bytes.get(..len as usize));
    let bytes = bytes.ok_or_else(|| Error::msg("the text is outside of the memory"))?;
    println!("guest: {}", String::from_utf8_lossy(bytes));
    *printed += bytes.len();
    Ok(())
}
