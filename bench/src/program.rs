//! Runs a program in an instance and checks that it did what it should.

use crate::engines::Guest;
use crate::wasi::{Files, Wasi};
use crate::workload::{Call, Command, Expect, Kind, Workload};
use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};

impl Workload {
    /// The world that the program starts in.
    pub fn world(&self) -> Result<Wasi> {
        match &self.kind {
            Kind::WasiP1(command) => command.world(self),
            Kind::Exports { .. } => Ok(Wasi::empty()),
        }
    }

    /// Whether imports from elsewhere than WASI are to return zero.
    pub fn has_stubs(&self) -> bool {
        matches!(&self.kind, Kind::WasiP1(command) if !command.stub_imports.is_empty())
    }

    /// The function that is called first.
    pub fn entry(&self) -> &str {
        match &self.kind {
            Kind::WasiP1(_) => "_start",
            Kind::Exports { calls, .. } => calls.first().map_or("", |call| &call.f),
        }
    }

    /// Runs the program to its end.
    pub fn run(&self, guest: &mut dyn Guest) -> Result<()> {
        match &self.kind {
            Kind::WasiP1(_) => guest.call("_start", &[]).map(drop),
            Kind::Exports { calls, .. } => calls.iter().try_for_each(|call| self.call(guest, call)),
        }
    }

    /// Checks what can be seen only after the run.
    pub fn check(&self, guest: &mut dyn Guest) -> Result<()> {
        match &self.kind {
            Kind::WasiP1(command) => command.expect.check(guest.wasi()?),
            Kind::Exports { memory_sha256: Some(hash), .. } => {
                let size = guest.memory_size();
                ensure!(sha256(&read(guest, 0, size)?) == *hash, "the memory has other contents");
                Ok(())
            }
            Kind::Exports { .. } => Ok(()),
        }
    }

    fn call(&self, guest: &mut dyn Guest, call: &Call) -> Result<()> {
        let result = guest.call(&call.f, &call.args)?;
        if let Some(expected) = call.expect {
            ensure!(result == expected, "{} returned {result}, not {expected}", call.f);
        }
        let address = result as u32 as usize;
        if let Some(file) = &call.write_file {
            guest.write(address, &self.file(file)?)?;
        }
        if let (Some(len), Some(hash)) = (call.read_len, &call.read_sha256) {
            let found = sha256(&read(guest, address, len)?);
            ensure!(found == *hash, "there are other bytes at the result of {}", call.f);
        }
        Ok(())
    }
}

impl Command {
    fn world(&self, workload: &Workload) -> Result<Wasi> {
        let args = std::iter::once(&self.argv0).chain(&self.args).cloned().collect();
        let input = self.stdin.as_ref().map_or(Ok(Vec::new()), |path| workload.file(path))?;
        let mut files = Files::new();
        let mut folders = Vec::new();
        for mount in &self.mounts {
            files.copy_from(&workload.path(&mount.host), mount.guest.trim_end_matches('/'))?;
            folders.push(mount.guest.clone());
        }
        Ok(Wasi::new(args, input, files, &folders))
    }
}

impl Expect {
    fn check(&self, wasi: &Wasi) -> Result<()> {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let status = wasi.exit().unwrap_or(0);
        let said = text(wasi.error_output());
        ensure!(status == self.exit_code, "exit status {status}, error output: {said}");
        ensure!(sha256(wasi.output()) == self.stdout_sha256, "other output: {}", text(wasi.output()));
        ensure!(sha256(wasi.error_output()) == self.stderr_sha256, "other error output: {said}");
        for (name, hash) in &self.files {
            let found = wasi.file(&format!("/{name}")).map(sha256);
            ensure!(found.as_ref() == Some(hash), "the file {name} has other contents");
        }
        Ok(())
    }
}

fn read(guest: &mut dyn Guest, address: usize, len: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    guest.read(address, &mut bytes)?;
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use crate::engines;
    use crate::workload;

    #[test]
    fn our_own_programs_give_what_they_should_in_every_engine() {
        let own: Vec<_> =
            workload::all().unwrap().into_iter().filter(|w| w.id.starts_with("guest/")).collect();
        assert!(own.len() > 5);
        for choice in engines::all() {
            let peer = (choice.make)().unwrap();
            let lacks = (choice.lacks)();
            let able =
                |w: &&workload::Workload| !w.features.iter().any(|need| lacks.contains(&need.as_str()));
            for workload in own.iter().filter(able) {
                let code = peer.load(&workload.wasm().unwrap()).unwrap();
                let mut guest = code.instantiate(workload.world().unwrap(), false).unwrap();
                workload.run(&mut *guest).unwrap();
                workload.check(&mut *guest).unwrap();
            }
        }
    }

    #[test]
    fn another_result_is_a_failure() {
        let all = workload::all().unwrap();
        let mut fib = all.into_iter().find(|w| w.id == "guest/fib").unwrap();
        let workload::Kind::Exports { calls, .. } = &mut fib.kind else { panic!("it has no calls") };
        calls[0].args = vec![5];
        let peer = (engines::by_name("dayfly").unwrap().make)().unwrap();
        let code = peer.load(&fib.wasm().unwrap()).unwrap();
        let mut guest = code.instantiate(fib.world().unwrap(), false).unwrap();
        let error = fib.run(&mut *guest).unwrap_err().to_string();
        assert_eq!(error, "run returned 5, not 2178309");
    }
}
