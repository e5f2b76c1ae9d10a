//! Objects and exceptions that host and guest share.
//! `cargo run -p dayfly --example gc`

use dayfly::{
    AnyRef, ArrayRef, Caller, Engine, Error, ExternRef, Func, Instance, Module, OwnedRooted, Result,
    RootScope, Rooted, Store, StructRef, ThrownException,
};

/// Persons with names, in a list; `find` throws what it did not find.
const GUEST: &str = r#"
    (module
        (import "host" "score" (func $score (param externref) (result i32)))
        (type $name (array (mut i8)))
        (type $person (struct (field $name (ref $name)) (field $id externref)
            (field $next (ref null $person))))
        (tag $missing (export "missing") (param i32))
        (global $all (mut (ref null $person)) (ref.null $person))

        (func (export "new_name") (param $length i32) (result (ref $name))
            (array.new_default $name (local.get $length)))

        (func (export "add") (param $name (ref $name)) (param $id externref) (result (ref $person))
            (global.set $all
                (struct.new $person (local.get $name) (local.get $id) (global.get $all)))
            (ref.as_non_null (global.get $all)))

        (func (export "find") (param $score i32) (result (ref $person))
            (local $person (ref null $person))
            (local.set $person (global.get $all))
            (loop $next
                (if (ref.is_null (local.get $person)) (then (throw $missing (local.get $score))))
                (if (i32.ne (call $score (struct.get $person $id (local.get $person))) (local.get $score))
                    (then
                        (local.set $person (struct.get $person $next (local.get $person)))
                        (br $next))))
            (ref.as_non_null (local.get $person))))
"#;

fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::new(&engine, ());

    // Guests hold values of the host without looking inside, and hand them back.
    let score =
        Func::wrap(&mut store, |caller: Caller<'_, ()>, id: Option<Rooted<ExternRef>>| -> Result<i32> {
            let data = id.map(|id| id.data(&caller)).transpose()?.flatten();
            let score = data.and_then(|data| data.downcast_ref::<i32>());
            score.copied().ok_or_else(|| Error::msg("not a score of this host"))
        });
    let instance = Instance::new(&mut store, &module, &[score.into()])?;
    let new_name = instance.get_typed_func::<i32, Rooted<ArrayRef>>(&mut store, "new_name")?;
    let add = instance
        .get_typed_func::<(Rooted<ArrayRef>, Rooted<ExternRef>), Rooted<StructRef>>(&mut store, "add")?;
    let find = instance.get_typed_func::<i32, Rooted<StructRef>>(&mut store, "find")?;

    let first: OwnedRooted<StructRef> = {
        // References of the host end with this scope, but for those that are owned.
        let mut scope = RootScope::new(&mut store);
        let mut last = None;
        for (name, score) in [("Ada", 1815), ("Grace", 1906), ("Barbara", 1939)] {
            let array = new_name.call(&mut scope, name.len() as i32)?;
            for (n, byte) in name.bytes().enumerate() {
                array.set(&mut scope, n as u32, i32::from(byte).into())?;
            }
            let id = ExternRef::new(&mut scope, score)?;
            last = last.or(Some(add.call(&mut scope, (array, id))?));
        }
        last.expect("three were added").to_owned_rooted(&mut scope)?
    };

    store.gc();
    println!(
        "{} bytes are alive, {} were made",
        store.gc_stats().live_bytes,
        store.gc_stats().bytes_allocated
    );
    println!("the first is {}", name_of(&mut store, &first)?);
    let grace = find.call(&mut store, 1906)?;
    println!("1906 is {}", name_of(&mut store, &grace)?);

    match find.call(&mut store, 1) {
        Ok(_) => println!("1 was found"),
        Err(error) if error.is::<ThrownException>() => {
            let exception = store.take_pending_exception().expect("it was not taken");
            println!("{} is missing", exception.field(&mut store, 0)?.unwrap_i32());
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The name of a person.
fn name_of(store: &mut Store<()>, person: &StructRef) -> Result<String> {
    let name: Option<Rooted<AnyRef>> = person.field(&mut *store, 0)?.unwrap_anyref();
    let name = name.ok_or_else(|| Error::msg("a person without name"))?.unwrap_array(&*store)?;
    let mut bytes = vec![0; name.len(&*store)? as usize];
    name.copy_to_i8_slice(store, &mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}
