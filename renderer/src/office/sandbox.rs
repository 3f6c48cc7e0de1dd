//! Runs LibreOffice where there is nothing to be had: this program again, which gives up all files but LibreOffice's own
//! and those of one job, and every connection, by Landlock (Linux 5.13 or later), and then starts LibreOffice, to end
//! it when the renderer is gone. A document can make it read a picture of any file's, or of any address, in more ways than can be found in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use common::process::again;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, path_beneath_rules,
};
use nix::sched::{CloneFlags, unshare};
use rustix::process::{getgid, getuid};
use tokio::process::Command;

use crate::child::{self, lifeline};

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--run-in-a-sandbox";

/// A shell's exit code for a program that is there and can't be run.
const NOT_RUN: u8 = 126;

/// What is said where no network namespace can be made.
pub(super) const IN_THE_NETWORK: &str = "there is no network namespace";

/// What is read and run: the system's programs, and what LibreOffice and fonts need beside them. No home, no
/// settings of this installation, no `/proc`, by which one process sees another's environment.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/libreoffice",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/dev/random",
    "/dev/urandom",
];

/// The oldest kernel's Landlock that will do, and the newest one's that is asked for.
const LEAST: ABI = ABI::V1;
const BEST: ABI = ABI::V6;

/// Whether the kernel has what the sandbox is made of.
pub(super) fn is_there() -> bool {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let handled = ruleset.handle_access(AccessFs::from_all(LEAST));
    handled.and_then(Ruleset::create).is_ok()
}

/// Runs a program on the files of one folder, and on no others.
pub(super) fn command(program: &Path, folder: &Path) -> Command {
    let mut command = child::again(ARGUMENT, "office::sandbox::tests::entrance");
    command.arg(folder).arg(program).stdin(Stdio::piped());
    command
}

/// If this process was started to run something in a sandbox, does that; `None` otherwise. To be asked first thing.
pub(crate) fn entrance() -> Option<ExitCode> {
    let told = again::told(ARGUMENT)?;
    Some(ExitCode::from(enter(&told)))
}

/// Gives the exit code of what was run.
fn enter(told: &[OsString]) -> u8 {
    let [folder, program, arguments @ ..] = told else {
        return 1;
    };
    let ran = leave_the_network()
        .map_err(|error| error.to_string())
        .and_then(|()| shut_in(folder, Path::new(program)).map_err(|error| error.to_string()))
        .and_then(|()| {
            let mut command = std::process::Command::new(program);
            command.args(arguments);
            lifeline::run(command).map_err(|error| error.to_string())
        });
    ran.unwrap_or_else(|why| {
        // Whoever reads it looks at the exit code too.
        let told = writeln!(io::stderr(), "nothing runs in the sandbox: {why}");
        told.map_or(1, |()| NOT_RUN)
    })
}

/// Goes where there is no network but a loopback that is down, in a user namespace in which nothing else changes. Not
/// every machine lets programs make one, and then it stays.
fn leave_the_network() -> io::Result<()> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).is_err() {
        return writeln!(io::stderr(), "{IN_THE_NETWORK}");
    }
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

fn shut_in(folder: &OsStr, program: &Path) -> Result<(), RulesetError> {
    // One that is not the system's lies beside its parts.
    let real = program
        .canonicalize()
        .unwrap_or_else(|_| program.to_owned());
    let home = real.parent().and_then(Path::parent);
    let home = home.filter(|home| home.parent().is_some());
    let reading = AccessFs::from_read(BEST);
    let device: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::WriteFile;
    // LibreOffice insists on a socket there, whatever it is told of folders.
    let socket: BitFlags<AccessFs> = AccessFs::MakeSock | AccessFs::RemoveFile;
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(BEST))?
        .handle_access(AccessNet::from_all(BEST))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, reading))?
        .add_rules(path_beneath_rules(home, reading))?
        .add_rules(path_beneath_rules(["/dev/null"], device))?
        .add_rules(path_beneath_rules(["/tmp"], socket))?
        .add_rules(path_beneath_rules([folder], AccessFs::from_all(BEST)))?
        .restrict_self()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;
    use crate::child::tests::gone;
    use crate::child::{Bounds, Ended};

    /// No test, but the process that enters a sandbox, when one of them has asked for it.
    #[test]
    fn entrance() {
        let told: Vec<_> = std::env::args_os().skip_while(|it| it != "--").collect();
        if let [_, told @ ..] = told.as_slice()
            && !told.is_empty()
        {
            std::process::exit(enter(told).into());
        }
    }

    async fn run(script: &str) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("own"), "OWN").unwrap();
        let mut command = command(Path::new("/bin/sh"), folder.path());
        command.current_dir(folder.path()).args(["-c", script]);
        let bounds = Bounds {
            memory: 1 << 30,
            file: 1 << 20,
            until: Instant::now() + Duration::from_secs(20),
        };
        child::run(command, bounds).await.unwrap()
    }

    #[tokio::test]
    async fn a_program_in_it_has_its_own_files_and_no_others() {
        let mut secret = tempfile::NamedTempFile::new().unwrap();
        secret.write_all(b"SECRET").unwrap();
        let path = secret.path().display();
        let ended = run(&format!(
            "cat own; echo; echo made > made && cat made; cat {path} /etc/passwd /proc/$PPID/environ; ls /root /tmp; echo more >> {path}"
        ))
        .await;
        let lines: Vec<_> = ended.output.lines().filter(|it| !it.is_empty()).collect();
        assert!(lines.ends_with(&["OWN", "made"]), "{ended:?}");
        assert_eq!(fs::read(secret.path()).unwrap(), b"SECRET");
        assert!(
            ended.complaints.matches("ermission denied").count() >= 6,
            "{ended:?}"
        );
    }

    #[tokio::test]
    async fn a_program_is_bounded_before_it_begins() {
        let ended = run("echo bounds; ulimit -t; ulimit -v").await;
        let lines = ended.output.lines().skip_while(|line| *line != "bounds");
        let bounds: Vec<u64> = lines.skip(1).flat_map(str::parse).collect();
        // Four times the 20 seconds that are left, and a second for each of the four.
        assert!(
            matches!(bounds[..], [seconds, 1_048_576] if seconds <= 84),
            "{ended:?}"
        );
    }

    #[tokio::test]
    async fn a_program_ends_with_whoever_holds_its_lifeline() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(Path::new("/bin/sh"), folder.path());
        let script = "echo $$ > pid; sleep 60; echo";
        let mut running = command
            .current_dir(folder.path())
            .args(["-c", script])
            .process_group(0)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let line = running.stdin.take().unwrap();
        let line = lifeline::begin(line).await.unwrap();
        let pid = loop {
            let pid = fs::read_to_string(folder.path().join("pid"));
            match pid.as_deref().map(str::trim) {
                Ok("") | Err(_) => tokio::task::yield_now().await,
                Ok(pid) => break pid.to_owned(),
            }
        };
        drop(line);
        let ended = running.wait().await.unwrap();
        assert_eq!(ended.signal(), Some(9), "{ended}");
        gone(&pid).await;
    }
}
