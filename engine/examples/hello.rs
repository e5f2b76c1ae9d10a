//! Runs a function of a guest. `cargo run -p dayfly --example hello`

use dayfly::{Engine, Instance, Module, Result, Store};

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"
        (module
            (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
                (if (result i32) (i32.eqz (local.get $b))
                    (then (local.get $a))
                    (else (call $gcd
                        (local.get $b)
                        (i32.rem_u (local.get $a) (local.get $b)))))))
        "#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let gcd = instance.get_typed_func::<(u32, u32), u32>(&mut store, "gcd")?;
    println!("gcd(48, 36) = {}", gcd.call(&mut store, (48, 36))?);
    Ok(())
}
