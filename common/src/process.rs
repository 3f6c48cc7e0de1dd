//! How a service runs as a process of its own: its options, logs, signals, probes and exit code.
//!
//! The exit code is 0 when it was asked to stop and finished the work that it had in hand, 1 when
//! something failed or was dropped, 2 when its options can't work.

pub mod again;
mod config;
pub mod limits;
mod problems;
pub mod signals;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::health;
use crate::lifecycle::Lifecycle;
use crate::telemetry::{Telemetry, metrics};

pub use self::config::Config;
pub use self::problems::Problems;

/// How long work that can't be cancelled may go on once everything else has ended or was dropped.
const LAST_MOMENTS: Duration = Duration::from_secs(2);

/// What is left to close once everything else has ended.
pub type Farewell = BoxFuture<'static, ()>;

/// A service as a process of its own: its whole command line.
pub trait Service: Parser + Send {
    /// What it is called in logs.
    const NAME: &'static str;

    /// Its process's options.
    fn process(&self) -> &Config;

    /// Notes every reason why its other options can't work, before anything is tried.
    fn check(&self, problems: &mut Problems);

    /// Waits for the servers that it needs, starts on `lifecycle` and returns.
    fn start(self, lifecycle: &Lifecycle) -> impl Future<Output = anyhow::Result<Farewell>> + Send;
}

/// Runs a service until it is told to stop.
pub fn main<S: Service>() -> ExitCode {
    let service = S::parse();
    let config = service.process().clone();
    let mut problems = Problems::default();
    config.check(&mut problems);
    service.check(&mut problems);
    if let Some(text) = problems.report() {
        return complain(S::NAME, &text, 2);
    }
    let logs = (config.log_format, config.log.as_str());
    let telemetry = match Telemetry::install(S::NAME, logs, &config.telemetry) {
        Ok(telemetry) => telemetry,
        // Of the options that are left, as below: nobody has been called yet.
        Err(error) => return complain(S::NAME, &format!("{:#}", anyhow::Error::from(error)), 2),
    };
    limits::make_files_private();
    let metrics = match metrics::Exporter::start(S::NAME, &config.telemetry) {
        Ok(metrics) => metrics,
        Err(error) => return complain(S::NAME, &format!("{error:#}"), 2),
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return complain(S::NAME, &error.to_string(), 1),
    };
    let ended = runtime.block_on(async {
        let ended = run(service, &config, &metrics).await;
        metrics.stop().await;
        ended
    });
    runtime.shutdown_timeout(LAST_MOMENTS);
    telemetry.flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(S::NAME, &format!("{error:#}"), 1),
    }
}

async fn run<S: Service>(
    service: S,
    config: &Config,
    metrics: &metrics::Exporter,
) -> anyhow::Result<()> {
    let lifecycle = Lifecycle::default();
    let signals = signals::watch(lifecycle.clone(), config.stop_timeout)
        .context("signals can't be received")?;
    if let Some(address) = config.health_listen {
        serve_probes(address, &lifecycle).await?;
    }
    metrics.serve(&lifecycle).await?;
    let starting = lifecycle
        .draining
        .run_until_cancelled(service.start(&lifecycle));
    let Some(started) = starting.await else {
        tracing::info!("stopped before everything that is needed was there");
        return signals.outcome();
    };
    let farewell = started?;
    tracing::info!("platen-{} is ready", S::NAME);
    tokio::select! {
        () = async {
            lifecycle.finished().await;
            farewell.await;
        } => tracing::info!("stopped"),
        () = last_moments(&lifecycle) => tracing::warn!("stopped without taking leave of everybody"),
    }
    signals.outcome()
}

/// Until a while after the process was told to drop what is in hand: what then still waits, for a
/// server that is gone without a word, is not waited for.
async fn last_moments(lifecycle: &Lifecycle) {
    lifecycle.aborting.cancelled().await;
    tokio::time::sleep(LAST_MOMENTS).await;
}

/// Probes are answered from the first moment on: a process that waits for its servers is alive.
async fn serve_probes(address: SocketAddr, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("can't listen on {address}; choose another address with --health-listen")
    })?;
    let started = lifecycle.tasks.clone();
    lifecycle.health.ready_when(move || {
        let waits = started.is_empty();
        async move {
            if waits {
                return Err("the servers that this process needs are waited for".to_owned());
            }
            Ok(())
        }
    });
    let probes = health::serve(
        lifecycle.health.clone(),
        listener,
        lifecycle.closing.clone(),
    );
    lifecycle.spawn_last("probes", probes);
    Ok(())
}

fn complain(name: &str, text: &str, code: u8) -> ExitCode {
    // Nothing is left to be told if standard error is closed.
    let told = writeln!(std::io::stderr(), "platen-{name}: {text}").is_ok();
    tracing::trace!(told, "failed");
    ExitCode::from(code)
}
