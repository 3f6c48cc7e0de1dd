//! An S3-compatible server over a folder, for a system on one machine. It is made for trying things
//! out: nothing is synced to the disk.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use platen_tests::s3::server::{Keys, Server};
use tokio::signal::unix::{SignalKind, signal};

/// Serves a folder as an S3-compatible store until it is told to stop.
#[derive(Parser)]
struct Config {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,

    /// Folder that holds everything; made if it is missing
    #[arg(long, value_name = "PATH")]
    folder: PathBuf,

    /// Bucket to make, if it is missing
    #[arg(long, value_name = "NAME")]
    bucket: String,

    /// Id of the one access key
    #[arg(long, env = "PLATEN_S3_ACCESS_KEY_ID", hide_env_values = true)]
    access_key_id: String,

    /// Secret of the one access key
    #[arg(long, env = "PLATEN_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    secret_access_key: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::parse();
    let bucket = config.folder.join(&config.bucket);
    std::fs::create_dir_all(&bucket)
        .with_context(|| format!("make the folder {}", bucket.display()))?;
    let keys = Keys {
        id: &config.access_key_id,
        secret: &config.secret_access_key,
    };
    let server = Arc::new(Server::new(&config.folder, keys)?);
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("listen on {}", config.listen))?;
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    println!("S3 on http://{}", listener.local_addr()?);
    // An object is renamed into its place once it is whole, so nothing needs an end.
    tokio::select! {
        result = server.serve(listener) => result.context("serve"),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}
