//! Signed, expiring links to assets: `{public_url}/assets/<asset>/<expiry>/<signature>/<file name>`.
//!
//! Whoever has the link may read the asset, and nobody else; no API key is needed (reference
//! cloudlayer 8.3: clients fetch without the header).

mod config;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::Url;

use crate::clock::Timestamp;
use crate::id::{AssetId, JobId};

pub use self::config::Config;

/// Which of an asset's two files a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The result itself.
    Result,
    /// Its thumbnail.
    Preview,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Result => "r",
            Self::Preview => "p",
        }
    }
}

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not made by this installation, or changed since.
    #[error("the link's signature does not match")]
    Forged,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

/// Makes and checks links.
#[derive(Clone)]
pub struct LinkKey(Vec<u8>);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

impl LinkKey {
    /// From the installation's link secret.
    pub fn new(secret: &[u8]) -> Self {
        Self([b"platen asset link v1\0", secret].concat())
    }

    /// The path of a link, from `/assets/` on; the file name is only for the reader's eye.
    pub fn path(
        &self,
        asset: AssetId,
        part: Part,
        expires_at: Timestamp,
        file_name: &str,
    ) -> String {
        let seconds = expires_at.as_secs();
        let signature =
            URL_SAFE_NO_PAD.encode(self.mac(asset, part, seconds).finalize().into_bytes());
        let name: String = url::form_urlencoded::byte_serialize(file_name.as_bytes()).collect();
        let name = name.replace('+', "%20");
        format!(
            "/assets/{asset}/{}{seconds}/{signature}/{name}",
            part.word()
        )
    }

    /// Checks the parts of a link's path: the asset, the part with the expiry, and the signature.
    pub fn check(
        &self,
        asset: AssetId,
        expiry: &str,
        signature: &str,
        now: Timestamp,
    ) -> Result<Part, LinkError> {
        let part = [Part::Result, Part::Preview]
            .into_iter()
            .find(|part| expiry.starts_with(part.word()));
        let part = part.ok_or(LinkError::Forged)?;
        let seconds: i64 = expiry[1..].parse().map_err(|_| LinkError::Forged)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| LinkError::Forged)?;
        self.mac(asset, part, seconds)
            .verify_slice(&signature)
            .map_err(|_| LinkError::Forged)?;
        if seconds <= now.as_secs() {
            return Err(LinkError::Expired);
        }
        Ok(part)
    }

    fn mac(&self, asset: AssetId, part: Part, seconds: i64) -> Hmac<Sha256> {
        let mut mac = new_mac(&self.0);
        mac.update(format!("{asset}.{}.{seconds}", part.word()).as_bytes());
        mac
    }
}

/// Makes whole links: a key and the address under which customers reach the gateway.
#[derive(Debug, Clone)]
pub struct Links {
    /// Signs the links.
    pub key: LinkKey,
    /// Such as `https://pdf.example.com`, without a slash at its end.
    pub public_url: String,
}

impl Links {
    /// The absolute link to one of an asset's files.
    pub fn asset(
        &self,
        asset: AssetId,
        part: Part,
        expires_at: Timestamp,
        file_name: &str,
    ) -> String {
        format!(
            "{}{}",
            self.public_url,
            self.key.path(asset, part, expires_at, file_name)
        )
    }

    /// What a link of ours opens at this time; `None` for an address that is not one of our links.
    pub fn opened(&self, url: &Url, now: Timestamp) -> Option<Result<(AssetId, Part), LinkError>> {
        let ours = Url::parse(&self.public_url).ok()?;
        let same_place = url.host() == ours.host()
            && url.port_or_known_default() == ours.port_or_known_default();
        let base = ours.path().trim_end_matches('/');
        let rest = url.path().strip_prefix(base)?.strip_prefix("/assets/")?;
        if !same_place {
            return None;
        }
        let parts: Vec<&str> = rest.split('/').collect();
        let [asset, expiry, signature, _name] = parts.as_slice() else {
            return Some(Err(LinkError::Forged));
        };
        let Ok(asset) = asset.parse() else {
            return Some(Err(LinkError::Forged));
        };
        let checked = self.key.check(asset, expiry, signature, now);
        Some(checked.map(|part| (asset, part)))
    }

    /// The absolute address of a job, `self` in the cloudlayer dialect; old clients poll it.
    pub fn job(&self, job: JobId) -> String {
        format!("{}/v2/jobs/{job}", self.public_url)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn new_mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_whole_link_is_known_as_ours_and_opens_what_it_says() {
        let links = Links {
            key: LinkKey::new(b"secret"),
            public_url: "https://pdf.example.com/platen".to_owned(),
        };
        let (asset, now) = (
            AssetId::new(),
            Timestamp::from_micros(1_700_000_000_000_000),
        );
        let later = now + Duration::from_mins(1);
        let opened = |text: &str, at| links.opened(&Url::parse(text).unwrap(), at);
        let link = links.asset(asset, Part::Result, later, "a b.pdf");
        assert_eq!(opened(&link, now), Some(Ok((asset, Part::Result))));
        assert_eq!(opened(&link, later), Some(Err(LinkError::Expired)));
        let changed = link.replace("/r17", "/p17");
        assert_eq!(opened(&changed, now), Some(Err(LinkError::Forged)));
        let short = "https://pdf.example.com/platen/assets/x";
        assert_eq!(opened(short, now), Some(Err(LinkError::Forged)));
        for other in [
            link.replace("pdf.example.com", "pdf.example.org"),
            link.replace("pdf.example.com", "pdf.example.com:8443"),
            link.replace("/platen/", "/"),
            "https://pdf.example.com/platen/v2/jobs".to_owned(),
        ] {
            assert_eq!(opened(&other, now), None, "{other}");
        }
    }

    #[test]
    fn a_link_opens_its_own_asset_until_it_expires() {
        let (key, asset) = (LinkKey::new(b"secret"), AssetId::new());
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let path = key.path(
            asset,
            Part::Preview,
            now + Duration::from_mins(1),
            "a b.webp",
        );
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!((parts[1], parts[5]), ("assets", "a%20b.webp"));
        assert_eq!(key.check(asset, parts[3], parts[4], now), Ok(Part::Preview));
        assert_eq!(
            key.check(asset, parts[3], parts[4], now + Duration::from_mins(1)),
            Err(LinkError::Expired)
        );
        assert_eq!(
            key.check(AssetId::new(), parts[3], parts[4], now),
            Err(LinkError::Forged)
        );
        let later = parts[3].replace("60", "61");
        assert_eq!(
            key.check(asset, &later, parts[4], now),
            Err(LinkError::Forged)
        );
        assert_eq!(
            LinkKey::new(b"other").check(asset, parts[3], parts[4], now),
            Err(LinkError::Forged)
        );
    }
}
