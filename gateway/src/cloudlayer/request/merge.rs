//! A request to merge PDFs: the URL group, whose addresses are those of files, and the base group
//! (reference 6.12).

use std::time::Duration;

use ::url::Url;
use common::egress::{Policy, check_address};
use common::id::AssetId;
use common::link::{LinkError, Part};
use common::task::join::shown_link;
use common::task::{Address, Basic, Cookie, OPTIONS_LIMIT, Output, PdfOptions, PdfSource};
use serde_json::Value;

use super::fields::{Field, Fields};
use super::{Base, Invalid, Version, base, body, cookie, json_len, preview, redact, url};

/// A request that is right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MergeRequest {
    /// The files, in order; at least one.
    pub(crate) sources: Vec<Named>,
    /// The longest that all of it may take.
    pub(crate) timeout: Duration,
    /// How to answer, store and name the result.
    pub(crate) base: Base,
    /// The request as it may be kept and shown.
    pub(crate) params: Value,
}

/// A file as it is named.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Named {
    /// Somebody else's.
    Elsewhere(PdfSource),
    /// A result of this installation.
    Ours {
        /// What the link opens, if it can be used.
        asset: Result<(AssetId, Part), LinkError>,
        /// Where in the request it stands.
        field: String,
        /// The link without its signature, for messages.
        name: String,
    },
}

/// Parses the body of a request; `ours` tells links of this installation from other addresses.
pub(crate) fn parse(
    version: Version,
    body: &[u8],
    policy: &Policy,
    ours: impl Fn(&Url) -> Option<Result<(AssetId, Part), LinkError>>,
) -> Result<MergeRequest, Invalid> {
    let map = body::read(body)?;
    let fields = Fields::root(&map);
    let named = url::named(&fields, "a PDF file")?;
    let authentication = fields.maybe("authentication", url::authentication)?;
    let cookies = fields.maybe("cookies", cookie::list)?.unwrap_or_default();
    if preview::read(&fields)?.is_some() {
        return Err(fields.invalid(
            "generatePreview",
            "is not made of files that are merged: leave it out",
        ));
    }
    let mut sources = Vec::with_capacity(named.len());
    for field in &named {
        let url = url::address(field)?;
        sources.push(match ours(&url) {
            Some(asset) => Named::Ours {
                asset,
                field: field.path().to_owned(),
                name: shown_link(&url),
            },
            None => Named::Elsewhere(elsewhere(
                field,
                url,
                (authentication.as_ref(), &cookies),
                policy,
            )?),
        });
    }
    check_size(&sources)?;
    let timeout = base::timeout(&fields, sources.len())?;
    Ok(MergeRequest {
        timeout,
        base: base::read(
            &fields,
            version,
            &Output::Pdf(PdfOptions::default()),
            policy,
        )?,
        params: redact::params(&map),
        sources,
    })
}

fn elsewhere(
    field: &Field<'_>,
    mut url: Url,
    (authentication, cookies): (Option<&Basic>, &[Cookie]),
    policy: &Policy,
) -> Result<PdfSource, Invalid> {
    check_address(url.as_str(), policy).map_err(|refused| field.invalid(refused.to_string()))?;
    let inside = url::take_userinfo(field, &mut url)?;
    let cookie = cookie_header(cookies, &url);
    let basic = authentication.cloned().or(inside);
    Ok(PdfSource::Url {
        address: Address { url, basic },
        cookie,
    })
}

/// The cookies that a browser would send to this address.
fn cookie_header(cookies: &[Cookie], url: &Url) -> Option<String> {
    let pairs: Vec<String> = cookies
        .iter()
        .filter(|cookie| is_for(cookie, url))
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

fn is_for(cookie: &Cookie, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let of_host = match (&cookie.domain, &cookie.url) {
        (Some(domain), _) => {
            let domain = domain.trim_start_matches('.').to_ascii_lowercase();
            host == domain
                || host
                    .strip_suffix(&domain)
                    .is_some_and(|sub| sub.ends_with('.'))
        }
        (None, Some(page)) => {
            Url::parse(page).is_ok_and(|page| page.host_str().is_some_and(|page| page == host))
        }
        (None, None) => true,
    };
    let path = cookie.path.as_deref().unwrap_or("/").trim_end_matches('/');
    let under = url
        .path()
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    of_host && under && (url.scheme() == "https" || !cookie.secure.unwrap_or(false))
}

/// Holds the sources to what a message may carry.
fn check_size(sources: &[Named]) -> Result<(), Invalid> {
    let lengths = sources.iter().map(|source| match source {
        Named::Elsewhere(source) => json_len(source),
        Named::Ours { name, .. } => Some(name.len()),
    });
    let total = lengths.sum::<Option<usize>>();
    if total.is_some_and(|total| total <= OPTIONS_LIMIT) {
        return Ok(());
    }
    let message = format!(
        "The addresses, each with its cookies, must be at most {} KiB together.",
        OPTIONS_LIMIT / 1024
    );
    Err(Invalid::body(message).too_large())
}
