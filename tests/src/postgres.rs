//! Private PostgreSQL servers for the tests, gone when the test run is, however that ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::num::NonZeroU32;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use common::store::Store;

use crate::script::Script;

/// Makes a cluster, serves it, and stops and starts it as it is told. PostgreSQL refuses to be run by
/// root. Without syncing, a server that is killed leaves what it wrote to the system.
const SCRIPT: &str = r#"
set -eu
port=$1 fsync=$2
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
options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=$fsync -c max_connections=200"
start() {
    server "$bin/pg_ctl" start -w -D "$folder/data" -l "$folder/data/log" -o "$options" \
        </dev/null >output 2>&1 || { cat output "$folder/data/log" >&2; exit 1; }
}
stop() {
    server "$bin/pg_ctl" stop -w -m "$1" -D "$folder/data" </dev/null >output 2>&1 \
        || { cat output "$folder/data/log" >&2; exit 1; }
}
start
echo "$bin"
while read -r command; do
    case $command in
    start) start ;;
    stop) stop fast ;;
    kill) stop immediate ;;
    esac
    echo "$command"
done
"#;

/// Connects to a database by its address, with enough connections for callers that race.
///
/// # Panics
///
/// When it is no address.
pub fn store(url: &str) -> Store {
    impatient_store(url, Duration::from_secs(30))
}

/// The same, with an own bound on what a statement may take.
///
/// # Panics
///
/// When it is no address.
pub fn impatient_store(url: &str, timeout: Duration) -> Store {
    let url = url.parse().expect("any text is taken");
    let connections = NonZeroU32::MIN.saturating_add(15);
    Store::remote(&url, connections, timeout).expect("an address of PostgreSQL")
}

static SHARED: LazyLock<Postgres> = LazyLock::new(Postgres::start);

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    script: Mutex<Script>,
    port: u16,
    bin: String,
    databases: AtomicU32,
}

/// A table that is held until this is dropped.
#[derive(Debug)]
pub struct Hold {
    psql: Child,
    _input: ChildStdin,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // The server ends the transaction with the connection.
        drop(self.psql.kill());
        drop(self.psql.wait());
    }
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

    /// Runs a statement in one of its databases.
    pub fn sql(&self, database: &str, statement: &str) {
        let status = Command::new(format!("{}/psql", self.bin))
            .args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, database])
            .status()
            .expect("psql starts");
        assert!(status.success(), "psql failed at {statement}: {status}");
    }

    /// Holds a table of one of its databases, so that whoever so much as reads it waits.
    pub fn hold(&self, database: &str, table: &str) -> Hold {
        let mut psql = Command::new(format!("{}/psql", self.bin))
            .args(["-qXAt", "-v", "ON_ERROR_STOP=1", database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql starts");
        let mut input = psql.stdin.take().expect("its input is a pipe");
        writeln!(input, "begin; lock table {table}; select 'held';").expect("it reads");
        let mut told = String::new();
        let output = psql.stdout.take().expect("its output is a pipe");
        BufReader::new(output)
            .read_line(&mut told)
            .expect("it writes");
        assert_eq!(told, "held\n");
        Hold {
            psql,
            _input: input,
        }
    }

    /// How many statements of one of its databases are being run at this moment.
    pub fn running(&self, database: &str) -> usize {
        const SQL: &str = "select count(*) from pg_stat_activity where datname = current_database() \
            and state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()";
        let told = Command::new(format!("{}/psql", self.bin))
            .args(["-qXAt", "-c", SQL, database])
            .output()
            .expect("psql starts");
        let told = String::from_utf8(told.stdout).expect("text");
        told.trim().parse().expect("a number")
    }

    /// A server for a test that stops it.
    pub fn start() -> Self {
        Self::with_fsync("off")
    }

    /// A server that syncs what it is told to the disk, as an operator's does.
    pub fn durable() -> Self {
        Self::with_fsync("on")
    }

    fn with_fsync(fsync: &str) -> Self {
        let port = crate::port::free();
        let mut script = Script::start("postgres", SCRIPT, &[port.to_string(), fsync.to_owned()]);
        let bin = script.line();
        assert!(
            !bin.is_empty(),
            "PostgreSQL did not start; the lines above say why"
        );
        Self {
            script: Mutex::new(script),
            port,
            bin,
            databases: AtomicU32::new(0),
        }
    }

    /// Stops the server in good order, cutting connections; returns once it has.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Stops the server without any order, so that its next start recovers; returns once it is gone.
    pub fn kill(&self) {
        self.tell("kill");
    }

    /// Starts the server again, with what it has on disk, at the same address.
    pub fn start_again(&self) {
        self.tell("start");
    }

    fn tell(&self, command: &str) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.tell(command);
    }
}
