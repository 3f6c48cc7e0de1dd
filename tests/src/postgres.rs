//! A private PostgreSQL server for the tests, gone when the test run is, however that ends.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes a cluster, serves it, and takes it down once its own input closes, which the system does
/// for every way in which a test run can end. PostgreSQL refuses to be run by root.
const SCRIPT: &str = r#"
set -eu
port=$1
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v postgres || echo /nowhere/postgres)")
[ -x "$bin/initdb" ] || { echo "no PostgreSQL server is installed" >&2; exit 1; }
server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/platen-postgres.XXXXXX")
end() {
    server "$bin/pg_ctl" stop -m immediate -D "$folder/data" >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM HUP
cd "$folder"
[ "$(id -u)" -ne 0 ] || chown postgres "$folder"
server "$bin/initdb" -D "$folder/data" -U platen -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
server "$bin/pg_ctl" start -w -D "$folder/data" -l "$folder/data/log" -o "$options" >&2 \
    || { cat "$folder/data/log" >&2; exit 1; }
echo "$bin"
read -r _ || true
"#;

static SHARED: LazyLock<Postgres> = LazyLock::new(Postgres::start);

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    /// Holds the pipe that keeps the server up.
    _script: Child,
    port: u16,
    bin: String,
    databases: AtomicU32,
}

impl Postgres {
    /// The server that the tests of this run share; started by the first that asks. A machine
    /// without PostgreSQL fails the test.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    /// Makes an empty database and gives its address.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let (name, port) = (format!("test_{number}"), self.port);
        let made = Command::new(format!("{}/createdb", self.bin))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-U",
                "platen",
                &name,
            ])
            .status()
            .expect("createdb starts");
        assert!(made.success(), "createdb failed: {made}");
        format!("postgres://platen@127.0.0.1:{port}/{name}")
    }

    fn start() -> Self {
        let port = free_port();
        let mut script = Command::new("sh")
            .args(["-c", SCRIPT, "postgres", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let output = script.stdout.take().expect("its output is a pipe");
        let mut bin = String::new();
        BufReader::new(output)
            .read_line(&mut bin)
            .expect("its output is text");
        assert!(
            !bin.is_empty(),
            "PostgreSQL did not start; the lines above say why"
        );
        Self {
            _script: script,
            port,
            bin: bin.trim_end().to_owned(),
            databases: AtomicU32::new(0),
        }
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
