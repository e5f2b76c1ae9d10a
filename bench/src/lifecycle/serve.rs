//! Requests to real handlers, with a fresh instance each: a small one in C, and Lua and
//! SQLite, which `Snapshot` has initialised ahead; for comparison, those two initialised
//! again for every request.

use super::contender::Choice;
use super::sampling::{Times, quantile, times};
use super::show::{micros, table, thousands};
use crate::engines::failure;
use anyhow::{Context, Result, ensure};
use dayfly::{Engine, Linker, Module, Snapshot, Store};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many threads handle requests at once.
const THREADS: [usize; 2] = [1, 2];

/// A handler and a request for it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Guest {
    name: String,
    file: PathBuf,
    request: Vec<u8>,
    /// Whether instances start uninitialised.
    initialise: bool,
}

/// The figures of one handler.
#[derive(Serialize, Deserialize)]
pub struct Figure {
    guest: String,
    threads: usize,
    response: String,
    #[serde(flatten)]
    times: Times,
}

const LUA_REQUEST: &[u8] =
    b"POST /item/42 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nContent-Length: 5\r\n\r\nhello";

const SQLITE_REQUEST: &[u8] = b"item-0042";

/// The handlers that are there; snapshots are written to a temporary folder first.
pub fn guests() -> Result<Vec<Guest>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut guests = Vec::new();
    let shared = here.join("../../shared/bench");
    let http = shared.join("wasm/own-http_reactor.wasm");
    if let Ok(request) = std::fs::read(shared.join("data/http_req.txt")) {
        guests.push(Guest { name: "HTTP handler in C".to_owned(), file: http, request, initialise: false });
    } else {
        eprintln!("left out, for it is not there: {}", http.display());
    }
    for (name, request) in [("lua", LUA_REQUEST), ("sqlite", SQLITE_REQUEST)] {
        let file = here.join(format!("guests/reactors/{name}.wasm"));
        let Ok(wasm) = std::fs::read(&file) else {
            eprintln!("left out, for guests/reactors/build has not made it: {}", file.display());
            continue;
        };
        let engine = Engine::default();
        let module = Module::from_binary(&engine, &wasm).map_err(failure)?;
        let snapshot = Snapshot::new()
            .take(Store::new(&engine, ()), &Linker::new(&engine), &module)
            .map_err(failure)
            .with_context(|| file.display().to_string())?;
        let snapshot_file =
            std::env::temp_dir().join(format!("dayfly-bench-{}-{name}.wasm", std::process::id()));
        std::fs::write(&snapshot_file, snapshot)?;
        let request = request.to_vec();
        guests.push(Guest {
            name: format!("{name}, snapshot"),
            file: snapshot_file,
            request: request.clone(),
            initialise: false,
        });
        guests.push(Guest {
            name: format!("{name}, initialised each time"),
            file,
            request,
            initialise: true,
        });
    }
    Ok(guests)
}

/// Measures all handlers in one engine.
pub fn measure(choice: &Choice, guests: &[Guest], time: Duration) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for guest in guests {
        let wasm = std::fs::read(&guest.file).with_context(|| guest.file.display().to_string())?;
        let contender = (choice.load)(&wasm).with_context(|| guest.name.clone())?;
        let mut response = Vec::new();
        contender.requests(&guest.request, guest.initialise, 1, &mut response)?;
        for threads in THREADS {
            let work = |times| {
                let mut found = Vec::with_capacity(response.len());
                contender.requests(&guest.request, guest.initialise, times, &mut found)?;
                ensure!(found == response, "{} answers differently the second time", guest.name);
                Ok(())
            };
            let times = times(threads, time, work)?;
            let response = String::from_utf8_lossy(&response).into_owned();
            figures.push(Figure { guest: guest.name.clone(), threads, response, times });
        }
    }
    Ok(figures)
}

/// Medians over the rounds; an error if engines answer differently.
pub fn tables(choices: &[Choice], rounds: &[Vec<Vec<Figure>>]) -> Result<String> {
    let Some(first) = rounds.first().and_then(|round| round.first()) else { return Ok(String::new()) };
    let mut text = String::new();
    for threads in THREADS {
        let plural = if threads == 1 { "" } else { "s" };
        text += &format!("{threads} thread{plural}: thousand requests a second (us, median; p99)\n");
        let mut heading = vec!["handler".to_owned()];
        heading.extend(choices.iter().map(|choice| choice.name.to_owned()));
        let mut rows = vec![heading];
        for example in first.iter().filter(|figure| figure.threads == threads) {
            let mut row = vec![example.guest.clone()];
            for engine in 0..choices.len() {
                let same = |figure: &&Figure| figure.guest == example.guest && figure.threads == threads;
                let found: Vec<_> = rounds.iter().flat_map(|round| &round[engine]).filter(same).collect();
                for figure in &found {
                    ensure!(
                        figure.response == example.response,
                        "{}: {} answers {:?}, {} answers {:?}",
                        example.guest,
                        choices[0].name,
                        example.response,
                        choices[engine].name,
                        figure.response
                    );
                }
                let median =
                    |of: fn(&Times) -> f64| quantile(found.iter().map(|f| of(&f.times)).collect(), 0.5);
                row.push(format!(
                    "{} ({}; {})",
                    thousands(median(|times| times.per_second)),
                    micros(median(|times| times.median)),
                    micros(median(|times| times.p99))
                ));
            }
            rows.push(row);
        }
        text += &table(&rows);
        text.push('\n');
    }
    Ok(text)
}
