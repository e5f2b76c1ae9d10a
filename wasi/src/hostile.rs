//! Every function with arguments that a hostile guest would choose: an error number, never a panic.

use crate::call::Call;
use crate::ctx::WasiCtxBuilder;
use crate::errno::Errno;
use crate::testing::Root;
use crate::types::{Abi, DirPerms, FilePerms};
use std::collections::BTreeSet;
use std::net::TcpListener;

/// A sequence of numbers that are likely to hurt; the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn long(&mut self) -> u64 {
        let value = self.next();
        match value % 6 {
            0 => u64::MAX - value % 4,
            1 => (1 << 63) - value % 3,
            2 => value,
            _ => value % 256,
        }
    }

    fn int(&mut self) -> u32 {
        let value = self.next();
        match value % 6 {
            0 => u32::MAX - (value >> 8) as u32 % 16,
            1 => MEMORY as u32 - (value >> 8) as u32 % 40,
            2 => (value >> 8) as u32,
            _ => (value >> 8) as u32 % 8,
        }
    }
}

const MEMORY: usize = 1024;
const FUNCTIONS: u64 = 43;

/// Calls function `which` of the specification.
fn invoke(call: &mut Call<'_>, which: u64, n: &mut Numbers) -> Result<(), Errno> {
    let mut i = || n.int();
    match which {
        0 => call.args_get(i(), i()),
        1 => call.args_sizes_get(i(), i()),
        2 => call.environ_get(i(), i()),
        3 => call.environ_sizes_get(i(), i()),
        4 => call.clock_res_get(i(), i()),
        5 => call.clock_time_get(i(), 0, i()),
        6 => call.fd_close(i()),
        7 => call.fd_datasync(i()),
        8 => call.fd_fdstat_get(i(), i()),
        9 => call.fd_fdstat_set_flags(i(), i()),
        10 => call.fd_filestat_get(i(), i()),
        11 => call.fd_prestat_get(i(), i()),
        12 => call.fd_prestat_dir_name(i(), i(), i()),
        13 => call.fd_read(i(), i(), i(), i()),
        14 => call.fd_renumber(i(), i()),
        15 => call.fd_sync(i()),
        16 => call.fd_tell(i(), i()),
        17 => call.fd_write(i(), i(), i(), i()),
        18 => call.path_create_directory(i(), i(), i()),
        19 => call.path_filestat_get(i(), i(), i(), i(), i()),
        20 => call.path_link(i(), i(), i(), i(), i(), i(), i()),
        21 => call.path_readlink(i(), i(), i(), i(), i(), i()),
        22 => call.path_remove_directory(i(), i(), i()),
        23 => call.path_rename(i(), i(), i(), i(), i(), i()),
        24 => call.path_symlink(i(), i(), i(), i(), i()),
        25 => call.path_unlink_file(i(), i(), i()),
        26 => call.poll_oneoff(i(), i(), i(), i()),
        27 => call.random_get(i(), i()),
        28 => call.sock_accept(i(), i(), i()),
        29 => call.sock_recv(i(), i(), i(), i(), i(), i()),
        30 => call.sock_send(i(), i(), i(), i(), i()),
        31 => call.sock_shutdown(i(), i()),
        32 => call.fd_advise(n.int(), n.long(), n.long(), n.int()),
        // The system may grant a real gigabyte: lengths stay small.
        33 => call.fd_allocate(n.int(), n.long() % 4096, n.long() % 4096),
        34 => call.fd_fdstat_set_rights(n.int(), n.long(), n.long()),
        35 => call.fd_filestat_set_size(n.int(), n.long() | 1 << 63),
        36 => call.fd_filestat_set_times(n.int(), n.long(), n.long(), n.int()),
        37 => call.fd_pread(n.int(), n.int(), n.int(), n.long(), n.int()),
        38 => call.fd_pwrite(n.int(), n.int(), n.int(), n.long(), n.int()),
        39 => call.fd_readdir(n.int(), n.int(), n.int(), n.long(), n.int()),
        40 => call.fd_seek(n.int(), n.long(), n.int(), n.int()),
        41 => call.path_filestat_set_times(n.int(), n.int(), n.int(), n.int(), n.long(), n.long(), n.int()),
        _ => {
            let (rights, inheriting) = (n.long(), n.long());
            call.path_open(3, n.int(), n.int(), n.int(), n.int(), rights, inheriting, n.int(), n.int())
        }
    }
}

#[test]
fn no_arguments_panic() {
    let root = Root::new();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut seen = BTreeSet::new();
    for round in 0..300 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut builder = WasiCtxBuilder::new();
        builder.args(&["a", "b"]).env("K", "V").interrupt_hook(|| true);
        builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
        builder.preopened_dir(root.path(""), "/ro", DirPerms::READ, FilePerms::READ).unwrap();
        builder.preopened_listener(listener).unwrap();
        let mut ctx = builder.build();
        let mut memory = [0; MEMORY];
        // Small numbers and a few letters: buffers, subscriptions and names that make sense.
        for chunk in memory.chunks_mut(4) {
            let value = numbers.int().to_le_bytes();
            chunk.copy_from_slice(&[value[0] % 128, value[1] & 1, 0, 0]);
        }
        let abi = if round % 2 == 0 { Abi::Preview1 } else { Abi::Unstable };
        for _ in 0..200 {
            let which = numbers.next() % FUNCTIONS;
            let result = invoke(&mut Call::new(&mut ctx, &mut memory, abi), which, &mut numbers);
            seen.insert((which, result.is_ok()));
        }
    }
    for which in 0..FUNCTIONS {
        assert!(seen.contains(&(which, false)), "function {which} took anything");
    }
}

/// Records have gaps, which no function may leave as it finds its own memory.
#[test]
fn gaps_of_records_are_zero() {
    let root = Root::new();
    std::fs::write(root.path("file"), "text").unwrap();
    for (abi, links) in [(Abi::Preview1, 424), (Abi::Unstable, 420)] {
        let mut builder = WasiCtxBuilder::new();
        builder.preopened_dir(root.path(""), "/", DirPerms::all(), FilePerms::all()).unwrap();
        let mut ctx = builder.build();
        // What a call leaves alone stays as it is.
        let mut memory = [0xaa; MEMORY];
        memory[..4].copy_from_slice(b"file");
        // A subscription to a time that has come, of the identifier 0.
        memory[100..160].fill(0);
        let mut call = Call::new(&mut ctx, &mut memory, abi);
        call.fd_fdstat_get(3, 200).unwrap();
        call.fd_prestat_get(3, 300).unwrap();
        call.path_filestat_get(3, 0, 0, 4, 400).unwrap();
        call.poll_oneoff(100, 500, 1, 600).unwrap();
        call.fd_readdir(3, 700, 200, 0, 604).unwrap();
        for gap in [201..202, 204..208, 301..304, 417..links, 511..532, 721..724] {
            assert!(memory[gap.clone()].iter().all(|byte| *byte == 0), "{abi:?}: {gap:?}");
        }
    }
}
