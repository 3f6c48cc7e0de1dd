//! Brings the content into the page and waits for the event that ends loading.
//!
//! A document is written into the empty page rather than served: that needs no navigation and is four
//! times as fast. Requests are counted by ourselves, since after such a writing the browser's own idle
//! events come late or never.

use std::time::Duration;

use common::task::{PageOptions, WaitUntil};
use futures::try_join;
use headless_chrome::protocol::cdp::{Page as PageDomain, Target};
use url::Url;

use super::watch::{self, Quiet, State};
use super::{Content, Page, PageError};

/// How long the network must be quiet to count as idle.
const IDLE: Duration = Duration::from_millis(500);

/// Shows the content and waits for the event that ends loading.
pub(super) async fn open(
    page: &Page,
    options: &PageOptions,
    content: Content<'_>,
) -> Result<(), PageError> {
    let before = page.watch.now(|state| state.main.documents);
    match content {
        Content::Url(url) => {
            follow(page).await?;
            navigate(page, url).await?;
        }
        Content::Html(html) => {
            if needs_following(options) {
                follow(page).await?;
            }
            write(page, html).await?;
        }
    }
    reached(page, options.wait_until, before).await
}

/// Has the browser report requests, and frames that live in other processes.
async fn follow(page: &Page) -> Result<(), PageError> {
    let iframes = Target::FilterEntry {
        exclude: None,
        Type: Some("iframe".to_owned()),
    };
    try_join!(
        page.session.call(watch::network()),
        page.session.call(Target::SetAutoAttach {
            auto_attach: true,
            wait_for_debugger_on_start: false,
            flatten: Some(true),
            filter: Some(vec![iframes]),
        }),
    )?;
    Ok(())
}

fn needs_following(options: &PageOptions) -> bool {
    let idle = |until| matches!(until, WaitUntil::NetworkIdle | WaitUntil::NetworkAlmostIdle);
    idle(options.wait_until)
        || options.frames != common::task::FrameWait::default()
        || options.fail_on != common::task::FailOn::default()
}

async fn write(page: &Page, html: &str) -> Result<(), PageError> {
    page.session
        .call(PageDomain::SetDocumentContent {
            frame_id: page.target.clone(),
            html: html.to_owned(),
        })
        .await?;
    Ok(())
}

/// Gives the page a new, empty window.
pub(super) async fn blank(page: &Page) -> Result<(), PageError> {
    let before = page.watch.now(|state| state.main.documents);
    page.session.call(to("about:blank".to_owned())).await?;
    reached(page, WaitUntil::Load, before).await
}

fn to(url: String) -> PageDomain::Navigate {
    PageDomain::Navigate {
        url,
        referrer: None,
        transition_Type: None,
        frame_id: None,
        referrer_policy: None,
    }
}

async fn navigate(page: &Page, url: &Url) -> Result<(), PageError> {
    // The protocol opens file: and chrome: without a word, so this is asked again here.
    if !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(PageError::Navigation(format!(
            "`{scheme}:` addresses are not opened; use http or https"
        )));
    }
    let answer = page.session.call(to(url.to_string())).await?;
    if answer.is_download == Some(true) {
        return Err(is_download(url));
    }
    match answer.error_text.as_deref() {
        None => Ok(()),
        // The answer was empty (204) or became a download; the page stays as it was.
        Some("net::ERR_ABORTED") => Err(is_download(url)),
        Some(text) => Err(page.unreachable(url, text)),
    }
}

fn is_download(url: &Url) -> PageError {
    let host = url.host_str().unwrap_or_default();
    PageError::Navigation(format!(
        "{host} answered with a download or with nothing, not with a page"
    ))
}

/// Waits for the event on whichever document the main frame shows, so that a page that moves on at
/// once (a script, a meta refresh) is waited for where it arrives.
async fn reached(page: &Page, until: WaitUntil, before: u64) -> Result<(), PageError> {
    let fresh = |state: &State| state.main.documents > before;
    let parsed = |state: &State| (fresh(state) && state.main.parsed).then_some(());
    match until {
        WaitUntil::Load => {
            let loaded = |state: &State| (fresh(state) && state.main.loaded).then_some(());
            page.watch.until(loaded).await
        }
        WaitUntil::DomContentLoaded => page.watch.until(parsed).await,
        WaitUntil::NetworkIdle => {
            page.watch.until(parsed).await?;
            quiet(page, Quiet::Full).await
        }
        WaitUntil::NetworkAlmostIdle => {
            page.watch.until(parsed).await?;
            quiet(page, Quiet::Almost).await
        }
    }
}

/// Waits until the network has been quiet for long enough.
pub(super) async fn quiet(page: &Page, quiet: Quiet) -> Result<(), PageError> {
    loop {
        let rises = page
            .watch
            .until(|state| state.is_quiet(quiet).then(|| state.rises(quiet)))
            .await?;
        let noise = page
            .watch
            .until(|state| (state.rises(quiet) != rises).then_some(()));
        if let Ok(noisy) = tokio::time::timeout(IDLE, noise).await {
            noisy?;
        } else {
            return Ok(());
        }
    }
}

/// A page that ended up on the browser's error page, or on a refusal of our own proxy, was not reached.
pub(super) fn check(page: &Page) -> Result<(), PageError> {
    let (unreachable, proxied) = page
        .watch
        .now(|state| (state.unreachable.clone(), state.proxied.clone()));
    let Some(address) = unreachable.or(proxied) else {
        return Ok(());
    };
    Err(match Url::parse(&address) {
        Ok(url) => page.unreachable(&url, ""),
        Err(_) => PageError::Navigation(in_words("")),
    })
}

impl Page {
    /// Says why an address was not reached: what the proxy noted, else the browser's code in plain words.
    fn unreachable(&self, url: &Url, code: &str) -> PageError {
        let host = url.host_str().unwrap_or_default();
        let refusals = self.proxy.refusals();
        let failures = self.proxy.failures();
        let of_host = |noted: &str| noted == host || noted.starts_with(&format!("{host}:"));
        let refused = refusals.iter().rev().find(|noted| of_host(&noted.host));
        let failed = failures.iter().rev().find(|noted| of_host(&noted.host));
        // After a redirect the browser names the first host and the proxy the last one.
        let refused = refused.or_else(|| refusals.last().filter(|_| failed.is_none()));
        let text = match (refused, failed.or_else(|| failures.last())) {
            (Some(refused), _) => refused.reason.clone(),
            (None, Some(failed)) => failed.reason.clone(),
            (None, None) => format!("{host} could not be reached: {}", in_words(code)),
        };
        PageError::Navigation(text)
    }
}

/// The browser's error codes that a proxy can't explain, in plain words.
fn in_words(code: &str) -> String {
    let words = match code {
        "net::ERR_NAME_NOT_RESOLVED" => "its name is not known",
        "net::ERR_CONNECTION_REFUSED" => "it refuses connections",
        "net::ERR_CONNECTION_RESET" | "net::ERR_CONNECTION_CLOSED" => "it broke the connection",
        "net::ERR_EMPTY_RESPONSE" => "it answered with nothing",
        "net::ERR_CONNECTION_TIMED_OUT" | "net::ERR_TIMED_OUT" => "it did not answer in time",
        "net::ERR_TOO_MANY_REDIRECTS" => "it redirects in a circle",
        "net::ERR_UNSAFE_REDIRECT" => "it redirects to an address that pages may not open",
        "net::ERR_INVALID_RESPONSE" | "net::ERR_INVALID_HTTP_RESPONSE" => "its answer is not HTTP",
        "net::ERR_CERT_AUTHORITY_INVALID" => "its certificate is signed by nobody known",
        "net::ERR_CERT_DATE_INVALID" => "its certificate is out of date",
        "net::ERR_CERT_COMMON_NAME_INVALID" => "its certificate is for another name",
        "net::ERR_SSL_PROTOCOL_ERROR" => "it does not speak TLS",
        "net::ERR_HTTP_RESPONSE_CODE_FAILURE" => "it answered with an error and without a page",
        "net::ERR_BLOCKED_BY_RESPONSE" => "its answer forbids being shown",
        "net::ERR_TUNNEL_CONNECTION_FAILED" => "no connection to it could be made",
        "" => "the page moved to an address that can't be opened",
        other => return other.to_owned(),
    };
    words.to_owned()
}
