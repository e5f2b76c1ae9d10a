//! The `-S` group: what of dayfly's own surroundings a WASI program sees.

use crate::options::{self, Row, switch};

/// What the `-S` options ask for.
#[derive(Debug)]
pub struct WasiOptions {
    /// Whether to list the options and do nothing else.
    pub help: bool,
    /// Whether the program sees all of dayfly's environment variables.
    pub inherit_env: bool,
    /// Whether the program reads dayfly's standard input.
    pub inherit_stdin: bool,
    /// Whether the program writes to dayfly's standard output and error.
    pub inherit_output: bool,
}

const ROWS: &[Row<WasiOptions>] = &[
    Row {
        key: "inherit-env",
        value: "",
        about: "pass all environment variables on (default: n)",
        set: |o, v| switch(v).map(|on| o.inherit_env = on),
    },
    Row {
        key: "inherit-stdin",
        value: "",
        about: "let the program read standard input (default: y)",
        set: |o, v| switch(v).map(|on| o.inherit_stdin = on),
    },
    Row {
        key: "inherit-output",
        value: "",
        about: "let the program write to standard output and error (default: y)",
        set: |o, v| switch(v).map(|on| o.inherit_output = on),
    },
];

impl Default for WasiOptions {
    fn default() -> WasiOptions {
        WasiOptions { help: false, inherit_env: false, inherit_stdin: true, inherit_output: true }
    }
}

impl WasiOptions {
    /// Reads the values of all `-S` flags, in their order.
    pub fn parse(flags: &[String]) -> Result<WasiOptions, String> {
        let mut options = WasiOptions::default();
        flags.iter().try_for_each(|flag| options.apply(flag))?;
        Ok(options)
    }

    /// Accepts the value of a flag that `parse` can read.
    pub fn check(flag: &str) -> Result<String, String> {
        WasiOptions::default().apply(flag).map(|()| flag.to_owned())
    }

    /// The list of options.
    pub fn list() -> String {
        let mut list = String::from("WASI options (several are separated by commas):\n");
        for row in ROWS {
            options::list_line(&mut list, 'S', row.key, row.value, row.about);
        }
        list
    }

    fn apply(&mut self, flag: &str) -> Result<(), String> {
        for (key, value) in options::settings(flag) {
            if key == "help" {
                self.help = true;
                continue;
            }
            match ROWS.iter().find(|row| row.key == key) {
                Some(row) => (row.set)(self, value).map_err(|reason| format!("{key}: {reason}"))?,
                None => return Err(options::unknown('S', key, ROWS.iter().map(|row| row.key))),
            }
        }
        Ok(())
    }
}
