//! The page named on the command line: a file, whose own folder it may read, or an address, whose own
//! host it may reach.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ipnet::IpNet;
use url::Url;

/// The made-up host under which a file's folder is served to its page alone.
pub(super) const HOST: &str = "page.platen.invalid";

/// What is to be shown.
#[derive(Debug)]
pub(super) enum Page {
    /// A file, and the folder it lies in.
    File { folder: PathBuf, name: String },
    /// An http or https address.
    Address(Url),
}

impl Page {
    /// Tells an address from a file, and finds the file.
    pub(super) async fn find(text: &str) -> anyhow::Result<Self> {
        if let Some(url) = Url::parse(text).ok().filter(Url::has_host) {
            let known = matches!(url.scheme(), "http" | "https");
            anyhow::ensure!(
                known,
                "{}: is not shown; name a file, or an http or https address",
                url.scheme()
            );
            return Ok(Self::Address(url));
        }
        let path = tokio::fs::canonicalize(text)
            .await
            .with_context(|| format!("the file {text} can't be read"))?;
        anyhow::ensure!(path.is_file(), "{text} is not a file");
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name
            .with_context(|| format!("the name of {text} is not UTF-8"))?
            .to_owned();
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Self::File { folder, name })
    }

    /// The address to show.
    pub(super) fn url(&self) -> anyhow::Result<Url> {
        match self {
            Self::Address(url) => Ok(url.clone()),
            Self::File { name, .. } => {
                let mut url = Url::parse(&format!("http://{HOST}/"))?;
                url.path_segments_mut()
                    .map_err(|()| anyhow::anyhow!("no path"))?
                    .push(name);
                Ok(url)
            }
        }
    }

    /// The addresses of the host that the user has named, which are open to the page.
    pub(super) async fn own_addresses(&self) -> anyhow::Result<Vec<IpNet>> {
        let Self::Address(url) = self else {
            return Ok(Vec::new());
        };
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let port = url.port_or_known_default().unwrap_or(80);
        let found = tokio::net::lookup_host((host, port)).await;
        let found = found.with_context(|| format!("the host {host} can't be found"))?;
        Ok(found
            .map(|address| IpNet::from(address.ip().to_canonical()))
            .collect())
    }
}
