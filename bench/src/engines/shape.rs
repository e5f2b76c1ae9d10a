//! What the crates of the engines spell alike: all follow the shape that Wasmtime gave
//! its crate. `peer!()` implements the traits for the engine that the calling file
//! imports as `Caller`, `Engine`, `Error`, `FuncType`, `Instance`, `Linker`, `Memory`,
//! `Module`, `Store`, `Val` and `ValType`.
//!
//! The file adds what differs: `func_type`, `instantiate`, `instantiate_with_stubs`,
//! `instantiate_repeatedly`, `heap`, `memory_of`, `message`, `validate`, `serialize` and `deserialize`.

/// Implements [`Peer`](super::Peer), [`Code`](super::Code) and [`Guest`](super::Guest).
macro_rules! peer {
    () => {
        use super::{Code, Guest, Heap, Peer, failure};
        use crate::wasi::{self, Args, Fail, Function, GuestMemory, Wasi};
        use anyhow::{Result, anyhow};
        use std::path::Path;
        use std::rc::Rc;

        struct ThisPeer {
            engine: Engine,
            linker: Rc<Linker<Host>>,
        }

        /// The data of a store.
        #[derive(Default)]
        struct Host {
            wasi: Option<Box<Wasi>>,
            memory: Option<Memory>,
        }

        struct ThisCode {
            engine: Engine,
            linker: Rc<Linker<Host>>,
            module: Module,
        }

        struct ThisGuest {
            store: Store<Host>,
            instance: Instance,
        }

        /// The caller's memory, during a call of WASI.
        struct CallerMemory<'a, 'b> {
            caller: &'a mut Caller<'b, Host>,
            memory: Memory,
        }

        impl GuestMemory for CallerMemory<'_, '_> {
            fn read(&self, address: u32, into: &mut [u8]) -> bool {
                self.memory.read(&*self.caller, address as usize, into).is_ok()
            }

            fn write(&mut self, address: u32, bytes: &[u8]) -> bool {
                self.memory.write(&mut *self.caller, address as usize, bytes).is_ok()
            }
        }

        impl ThisPeer {
            fn boxed(engine: Engine) -> Result<Box<dyn Peer>> {
                let mut linker = Linker::new(&engine);
                for function in wasi::FUNCTIONS {
                    let ty = func_type(&engine, function);
                    let call = move |caller: Caller<'_, Host>, args: &[Val], results: &mut [Val]| {
                        call_wasi(function, caller, args, results)
                    };
                    linker.func_new(wasi::MODULE, function.name, ty, call).map_err(failure)?;
                }
                linker.func_wrap("bench", "host", |n: i32| n.wrapping_add(1)).map_err(failure)?;
                Ok(Box::new(ThisPeer { engine, linker: Rc::new(linker) }))
            }

            fn code(&self, module: Module) -> Box<dyn Code> {
                Box::new(ThisCode { engine: self.engine.clone(), linker: self.linker.clone(), module })
            }
        }

        impl Peer for ThisPeer {
            fn load(&self, wasm: &[u8]) -> Result<Box<dyn Code>> {
                Ok(self.code(Module::new(&self.engine, wasm).map_err(failure)?))
            }

            fn validate(&self, wasm: &[u8]) -> Result<()> {
                validate(&self.engine, wasm)
            }

            fn serialize(&self, wasm: &[u8]) -> Result<Vec<u8>> {
                serialize(&Module::new(&self.engine, wasm).map_err(failure)?)
            }

            fn load_file(&self, path: &Path) -> Result<Box<dyn Code>> {
                Ok(self.code(deserialize(&self.engine, path)?))
            }
        }

        impl Code for ThisCode {
            fn instantiate(&self, wasi: Wasi, stub_imports: bool) -> Result<Box<dyn Guest>> {
                let host = Host { wasi: Some(Box::new(wasi)), memory: None };
                let mut store = Store::new(&self.engine, host);
                let instance = if stub_imports {
                    instantiate_with_stubs(&self.linker, &mut store, &self.module)?
                } else {
                    instantiate(&self.linker, &mut store, &self.module)?
                };
                let memory = memory_of(&instance, &mut store);
                store.data_mut().memory = memory;
                Ok(Box::new(ThisGuest { store, instance }))
            }

            fn instantiate_repeatedly(&self, times: u64) -> Result<()> {
                instantiate_repeatedly(self, times)
            }
        }

        impl Guest for ThisGuest {
            fn find(&mut self, function: &str) -> Result<()> {
                let found = self.instance.get_func(&mut self.store, function);
                found.map(drop).ok_or_else(|| anyhow!("there is no function `{function}`"))
            }

            fn call(&mut self, function: &str, args: &[i64]) -> Result<i64> {
                let (instance, store) = (self.instance, &mut self.store);
                let mut outcome = None;
                if let [arg] = args {
                    let narrow = *arg as i32;
                    if let Ok(f) = instance.get_typed_func::<i32, i32>(&mut *store, function) {
                        outcome = Some(f.call(&mut *store, narrow).map(i64::from));
                    } else if let Ok(f) = instance.get_typed_func::<i32, i64>(&mut *store, function) {
                        outcome = Some(f.call(&mut *store, narrow));
                    } else if let Ok(f) = instance.get_typed_func::<i64, i64>(&mut *store, function) {
                        outcome = Some(f.call(&mut *store, *arg));
                    }
                } else if let Ok(f) = instance.get_typed_func::<(), ()>(&mut *store, function) {
                    outcome = Some(f.call(&mut *store, ()).map(|()| 0));
                } else if let Ok(f) = instance.get_typed_func::<(), i32>(&mut *store, function) {
                    outcome = Some(f.call(&mut *store, ()).map(i64::from));
                } else if let Ok(f) = instance.get_typed_func::<(), i64>(&mut *store, function) {
                    outcome = Some(f.call(&mut *store, ()));
                }
                match outcome {
                    None => Err(anyhow!("`{function}` is missing or of a type that is not foreseen")),
                    Some(Err(_)) if self.wasi()?.exit().is_some() => Ok(0),
                    Some(result) => result.map_err(failure),
                }
            }

            fn call_repeatedly(&mut self, function: &str, times: u64) -> Result<()> {
                let f = self.instance.get_typed_func::<i32, i32>(&mut self.store, function);
                let f = f.map_err(failure)?;
                for i in 0..times {
                    let arg = std::hint::black_box(i as i32);
                    std::hint::black_box(f.call(&mut self.store, arg).map_err(failure)?);
                }
                Ok(())
            }

            fn read(&mut self, address: usize, into: &mut [u8]) -> Result<()> {
                let memory = self.store.data().memory.ok_or_else(|| anyhow!("there is no memory"))?;
                memory.read(&self.store, address, into).map_err(failure)
            }

            fn write(&mut self, address: usize, bytes: &[u8]) -> Result<()> {
                let memory = self.store.data().memory.ok_or_else(|| anyhow!("there is no memory"))?;
                memory.write(&mut self.store, address, bytes).map_err(failure)
            }

            fn memory_size(&mut self) -> usize {
                self.store.data().memory.map_or(0, |memory| memory.data_size(&self.store))
            }

            fn heap(&self) -> Option<Heap> {
                heap(&self.store)
            }

            fn wasi(&self) -> Result<&Wasi> {
                self.store
                    .data()
                    .wasi
                    .as_deref()
                    .ok_or_else(|| anyhow!("the guest's world was lost in a call"))
            }
        }

        fn call_wasi(
            function: &Function,
            mut caller: Caller<'_, Host>,
            args: &[Val],
            results: &mut [Val],
        ) -> Result<(), Error> {
            let mut slots = Args::default();
            for (slot, arg) in slots.0.iter_mut().zip(args) {
                *slot = match arg {
                    Val::I32(n) => u64::from(*n as u32),
                    Val::I64(n) => *n as u64,
                    _ => return Err(message("no function of WASI has such a parameter")),
                };
            }
            let host = caller.data_mut();
            let (Some(mut wasi), Some(memory)) = (host.wasi.take(), host.memory) else {
                return Err(message("WASI was called without a memory"));
            };
            if wasi.stops() {
                caller.data_mut().wasi = Some(wasi);
                return Err(message("the guest is ended"));
            }
            let mut memory = CallerMemory { caller: &mut caller, memory };
            let outcome = (function.call)(&mut wasi, &mut memory, &slots);
            caller.data_mut().wasi = Some(wasi);
            let errno = match outcome {
                Ok(()) => 0,
                Err(Fail::Errno(errno)) => i32::from(errno.0),
                Err(Fail::Exit) => return Err(message("the guest exits")),
            };
            results[0] = Val::I32(errno);
            Ok(())
        }

        /// Types of the parameters and results of a function of WASI.
        fn value_types(function: &Function) -> (Vec<ValType>, Vec<ValType>) {
            let ty = |letter| if letter == 'I' { ValType::I64 } else { ValType::I32 };
            let results = if function.has_result() { vec![ValType::I32] } else { Vec::new() };
            (function.params.chars().map(ty).collect(), results)
        }
    };
}
