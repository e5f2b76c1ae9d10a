//! Modules whose instances are measured. Each exports `run`, which takes a number of pages,
//! writes to as many, and returns the word that it found in the first place that it wrote:
//! always `WORD`, unless something of an earlier instance is left.

use std::fmt::Write;

/// What `run` returns.
pub const WORD: i32 = i32::from_le_bytes(*b"text");

/// Bytes in a page of the system.
const PAGE: u32 = 4096;

/// A module and how many pages it is asked to write.
pub struct Subject {
    /// Its heading in tables.
    pub name: &'static str,
    /// Numbers of pages.
    pub pages: &'static [i32],
    memory: u32,
    image: u32,
    table: u32,
    globals: u32,
}

/// All that `cycle` measures.
pub const SUBJECTS: [Subject; 4] = [
    Subject { name: "no memory", pages: &[0], memory: 0, image: 0, table: 0, globals: 0 },
    Subject { name: "64 KiB", pages: &[0, 1, 4, 16], memory: 64 << 10, image: 1 << 10, table: 0, globals: 0 },
    Subject {
        name: "2 MiB image, table of 1,000, 50 globals",
        pages: &[0, 1, 4, 16, 64],
        memory: 2 << 20,
        image: 2 << 20,
        table: 1000,
        globals: 50,
    },
    Subject {
        name: "16 MiB image",
        pages: &[0, 1, 4, 16, 64],
        memory: 16 << 20,
        image: 16 << 20,
        table: 0,
        globals: 0,
    },
];

impl Subject {
    /// The module. Written pages are evenly spread over the memory.
    pub fn wat(&self) -> String {
        let mut wat = "(module\n".to_owned();
        if self.memory > 0 {
            let _ = writeln!(wat, "(memory (export \"memory\") {})", self.memory >> 16);
            let _ = write!(wat, "(data (i32.const 0) \"");
            (0..self.image / 4).for_each(|_| wat.push_str("text"));
            wat.push_str("\")\n");
        }
        for n in 0..self.globals {
            let _ = writeln!(wat, "(global $g{n} (mut i32) (i32.const {n}))");
        }
        if self.table > 0 {
            let _ = writeln!(wat, "(table {} funcref) (elem (i32.const 0) func", self.table);
            for n in 0..self.table {
                let _ = write!(wat, " $f{}", n % 10);
            }
            wat.push_str(")\n");
            for n in 0..10 {
                let _ = writeln!(wat, "(func $f{n} (result i32) (i32.const {n}))");
            }
        }
        wat.push_str(&self.run());
        wat.push(')');
        wat
    }

    /// Bytes from one page that is written to the next.
    pub fn stride(&self) -> u32 {
        let most = self.pages.last().copied().unwrap_or(1).max(1) as u32;
        (self.memory / most) / PAGE * PAGE
    }

    fn run(&self) -> String {
        if self.memory == 0 {
            return format!("(func (export \"run\") (param i32) (result i32) (i32.const {WORD}))");
        }
        let stride = self.stride();
        let global = match self.globals {
            0 => "",
            _ => "(global.set $g7 (i32.add (global.get $g7) (i32.const 1)))",
        };
        format!(
            r#"
            (func (export "run") (param $pages i32) (result i32)
                (local $word i32) (local $at i32)
                {global}
                (local.set $word (i32.load (i32.const 8)))
                (block $done
                    (loop $next
                        (br_if $done (i32.eqz (local.get $pages)))
                        (i32.store offset=8 (local.get $at) (local.get $pages))
                        (local.set $at (i32.add (local.get $at) (i32.const {stride})))
                        (local.set $pages (i32.sub (local.get $pages) (i32.const 1)))
                        (br $next)))
                (local.get $word))"#
        )
    }
}

/// A module for `density`: `run` with a positive number marks four pages with it, in lines of
/// 64 bytes; with a negative one it returns what the pages are marked with, or -1 if they differ.
pub fn marked(lines: u32) -> String {
    let mut wat = "(module (memory (export \"memory\") 32) (data (i32.const 0) \"".to_owned();
    (0..(2 << 20) / 4).for_each(|_| wat.push_str("text"));
    let _ = write!(
        wat,
        r#"")
        (table 1000 funcref)
        (global $count (mut i32) (i32.const 0))
        (func $line (param $n i32) (result i32)
            (i32.add
                (i32.mul (i32.div_u (local.get $n) (i32.const {lines})) (i32.const 520192))
                (i32.mul (i32.rem_u (local.get $n) (i32.const {lines})) (i32.const 64))))
        (func (export "run") (param $mark i32) (result i32)
            (local $n i32) (local $seen i32)
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (local.set $seen (i32.load offset=16 (i32.const 0)))
            (loop $next
                (if (i32.lt_s (local.get $mark) (i32.const 0))
                    (then
                        (if (i32.ne (i32.load offset=16 (call $line (local.get $n))) (local.get $seen))
                            (then (return (i32.const -1)))))
                    (else (i32.store offset=16 (call $line (local.get $n)) (local.get $mark))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (i32.const {}))))
            (local.get $seen)))"#,
        4 * lines
    );
    wat
}
