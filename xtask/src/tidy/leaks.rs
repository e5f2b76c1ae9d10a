//! What must not get into the repository by accident: paths of the machine it was
//! written on, and the hosts that it got its dependencies from.

use super::Problem;

/// Folders that only a developer's machine has.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("C:\\Us", "ers\\"),
];

/// What only a registry's address or a replaced registry contains.
const REGISTRIES: [&str; 4] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("crates.io", "-index"),
    concat!("replace", "-with"),
];

/// Hosts that links may lead to; any other may be a mirror that nobody else can reach.
const LINKED_HOSTS: &[&str] = &[
    "apache.org",
    "crates.io",
    "doc.rust-lang.org",
    "docs.rs",
    "example.com",
    "github.com",
    "keepachangelog.com",
    "llvm.org",
    "localhost",
    "semver.org",
    "webassembly.github.io",
    "w3.org",
];

/// Where the lock file says that packages come from.
const LOCKED_SOURCE: &str =
    concat!("source = \"registry+https://github.com/rust-lang/", "crates.io", "-index\"");

/// Checks a text file.
pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |n: usize, message: String| problems.push(Problem::new(path, n + 1, message));
    let is_lock = path.ends_with("Cargo.lock");
    for (n, line) in text.lines().enumerate() {
        if is_lock {
            if line.starts_with("source = ") && line != LOCKED_SOURCE {
                problem(n, format!("a package that is not from crates.io: {line}"));
            }
            continue;
        }
        for found in MACHINE_PATHS.into_iter().filter(|found| line.contains(found)) {
            problem(n, format!("a path of one machine (`{found}`): make it relative"));
        }
        for found in REGISTRIES.into_iter().filter(|found| line.contains(found)) {
            problem(n, format!("the address of a registry (`{found}`): leave that to cargo"));
        }
        for host in hosts(line).filter(|host| !is_linked(host)) {
            problem(
                n,
                format!("`{host}` is no host to link to; if it is, list it in xtask/src/tidy/leaks.rs"),
            );
        }
    }
    problems
}

/// The hosts of the web addresses in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let after = ["http://", "https://"].into_iter().flat_map(move |scheme| line.split(scheme).skip(1));
    let hosts = after.map(move |rest| &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())]);
    hosts.filter(|host| !host.is_empty())
}

fn is_linked(host: &str) -> bool {
    LINKED_HOSTS.contains(&host.strip_prefix("www.").unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(path, text).iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn paths_of_a_machine_are_reported() {
        assert_eq!(lines("a.rs", "//! /tmp/x ../shared\n"), [0; 0]);
        for found in MACHINE_PATHS {
            assert_eq!(lines("a.rs", &format!("\nopen(\"{found}me/x\")\n")), [2]);
        }
    }

    #[test]
    fn registries_are_reported() {
        for found in REGISTRIES {
            assert_eq!(lines("a.toml", &format!("x = \"{found}\"\n")), [1]);
        }
    }

    #[test]
    fn unknown_hosts_are_reported() {
        assert_eq!(lines("a.md", "https://docs.rs/x http://www.apache.org/ https://\n"), [0; 0]);
        let address = format!("http{}://mirror.internal/x", "s");
        assert_eq!(lines("a.md", &format!("https://docs.rs\n<{address}>\n")), [2]);
    }

    #[test]
    fn the_lock_file_names_crates_io_only() {
        assert_eq!(lines("Cargo.lock", &format!("{LOCKED_SOURCE}\n")), [0; 0]);
        assert_eq!(lines("Cargo.lock", "source = \"git+https://github.com/a/b\"\n"), [1]);
    }
}
