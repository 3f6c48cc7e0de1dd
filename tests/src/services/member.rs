//! One process of an installation.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use hyper::Method;
use hyper::body::Bytes;

use crate::api::Api;
use crate::binary::binary;
use crate::eventually;
use crate::exposition::Exposition;
use crate::process::{Leash, Lines, descendants, is_alive, signal};

/// Which service a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Serves HTTP.
    Gateway,
    /// Renders.
    Renderer,
    /// Settles and delivers.
    Dispatcher,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Renderer => "renderer",
            Self::Dispatcher => "dispatcher",
        }
    }
}

/// A process of a service, which runs or does not at present.
#[derive(Debug)]
pub struct Member {
    role: Role,
    number: usize,
    variables: Vec<(String, String)>,
    folder: PathBuf,
    health: String,
    metrics: Option<String>,
    log: Lines,
    running: Option<(Child, Leash)>,
}

impl Member {
    /// Not running yet; what it writes is below `folder`.
    pub(super) fn new(
        role: Role,
        number: usize,
        variables: &[(String, String)],
        (folder, log): (&Path, &Lines),
    ) -> Self {
        let folder = folder.join(format!("{}-{number}", role.name()));
        std::fs::create_dir(&folder).expect("the folder can be made");
        Self {
            role,
            number,
            variables: variables.to_vec(),
            folder,
            health: format!("127.0.0.1:{}", crate::port::free()),
            metrics: None,
            log: log.clone(),
            running: None,
        }
    }

    /// Sets a variable for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Lets it answer Prometheus from its next start on.
    pub(super) fn measure(&mut self) {
        let address = format!("127.0.0.1:{}", crate::port::free());
        self.set("PLATEN_METRICS_LISTEN", &address);
        self.metrics = Some(address);
    }

    /// Reads its metrics, as Prometheus would.
    ///
    /// # Panics
    ///
    /// When it does not give any.
    pub async fn metrics(&self) -> Exposition {
        let address = self.metrics.as_ref().expect("it is measured");
        Exposition::read(address).await
    }

    /// Starts the process; [`Self::ready`] waits for it.
    ///
    /// # Panics
    ///
    /// When it runs already.
    pub fn launch(&mut self) {
        assert!(self.running.is_none(), "{self} runs already");
        let mut command = self.command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let leash = Leash::on(child.id(), &self.folder);
        self.log
            .collect(child.stderr.take().expect("it is piped"), |_| {});
        self.running = Some((child, leash));
    }

    fn command(&self) -> Command {
        let mut command = crate::platen::clean(&binary(&format!("platen-{}", self.role.name())));
        command
            .env("PLATEN_HEALTH_LISTEN", &self.health)
            .env("PLATEN_TEMP_DIR", self.folder.join("temporary"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Waits until it says that it takes work.
    ///
    /// # Panics
    ///
    /// When it has ended instead.
    pub async fn ready(&self) {
        if self.running.is_none() {
            return;
        }
        eventually(&format!("{self} to be ready"), || async {
            assert!(is_alive(self.pid()), "{self} has ended");
            self.probe("ready").await.then_some(())
        })
        .await;
    }

    /// Asks for its health: `ready` or `live`.
    pub async fn probe(&self, what: &str) -> bool {
        let url = format!("http://{}/health/{what}", self.health);
        let answer = Api::new("", "")
            .raw(Method::GET, &url, &[], Bytes::new())
            .await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// The address that a gateway listens on.
    pub fn address(&self) -> String {
        let listen = self.variables.iter().rev();
        let (_, listen) = listen
            .clone()
            .find(|(name, _)| name == "PLATEN_LISTEN")
            .expect("it is a gateway");
        format!("http://{listen}")
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Its process id.
    ///
    /// # Panics
    ///
    /// When it does not run.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("the service runs").0.id()
    }

    /// The processes of a renderer's browsers whose command line holds the text.
    pub fn browsers(&self, text: &str) -> Vec<u32> {
        descendants(self.pid(), text)
    }

    /// Ends it at once, in whatever it does, and waits until its browsers are gone too.
    pub async fn kill(&mut self) {
        let below = self.browsers("");
        let (child, _) = self.running.as_mut().expect("the service runs");
        child.kill().expect("the service can be killed");
        self.ended().await;
        eventually("the end of the browsers of a killed renderer", || async {
            below.iter().all(|pid| !is_alive(*pid)).then_some(())
        })
        .await;
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        signal(self.pid(), "TERM");
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let (mut child, leash) = self.running.take().expect("the service runs");
        let status = eventually(&format!("the end of {self}"), || {
            let status = child
                .try_wait()
                .expect("the service is a child of this process");
            async move { status }
        })
        .await;
        drop(leash);
        status
    }

    /// Starts it again, and waits until it is ready.
    pub async fn restart(&mut self) {
        self.launch();
        self.ready().await;
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role.name(), self.number)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some((mut child, leash)) = self.running.take() {
            let ended = child.kill().and_then(|()| child.wait());
            drop(leash);
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "{self} could not be ended: {ended:?}"
            );
        }
    }
}
