//! What a page complains of: errors on its console, exceptions that nobody caught, requests that failed.
//! Never more than the browser's own console shows: no headers, no bodies.

use common::report::{Complaint, FailedRequest, Noted, TEXT_LIMIT};
use serde_json::Value;
use url::Url;

use super::scrub;
use super::watch::events::{Called, Logged, Place, Remote, Thrown};
use crate::proxy::Proxy;

/// How the browser begins to say that a request has failed.
const FAILED: &str = "Failed to load resource: ";

/// Stands for a complaint that can't be read.
const UNREADABLE: &str = "a message that can't be read";

/// The answer of a proxy that could not reach a host.
const BAD_GATEWAY: u16 = 502;

/// The complaints of one page, the first of each sort.
#[derive(Debug, Clone, Default)]
pub(crate) struct Complaints {
    /// Errors and exceptions.
    pub(crate) console: Noted<Complaint>,
    /// Requests that failed.
    pub(crate) requests: Noted<FailedRequest>,
}

impl Complaints {
    /// The browser's own entry in the console, of the level of an error.
    pub(super) fn logged(&mut self, logged: &Logged) {
        let entry = &logged.entry;
        if let (Some(reason), Some(url)) = (entry.text.strip_prefix(FAILED), &entry.url) {
            self.requests.note(failed(url, reason));
        } else {
            let place = Place::of(entry.url.as_deref(), entry.line_number);
            self.complain(false, &entry.text, place);
        }
    }

    /// An answer that the page may not read, with its status if that is a refusal.
    pub(super) fn blocked(&mut self, url: &str, status: Option<u16>, error: &str) {
        self.requests.note(FailedRequest {
            url: scrub::address(url),
            error: status.is_none().then(|| scrub::text(error)),
            status,
            refused: false,
        });
    }

    /// The status of an answer that was noted as blocked before its status came.
    pub(super) fn blocked_with(&mut self, url: &str, status: u16, error: &str) {
        let (url, error) = (scrub::address(url), scrub::text(error));
        let mut entries = self.requests.entries.iter_mut();
        let noted = entries.find(|it| it.url == url && it.error.as_ref() == Some(&error));
        if let Some(noted) = noted {
            (noted.status, noted.error) = (Some(status), None);
        }
    }

    /// A call of `console.error`, or of `console.assert` with what does not hold.
    pub(super) fn called(&mut self, called: &Called) {
        let mut text = String::new();
        for arg in called.args.iter().map(shown) {
            // What is kept is short.
            if text.len() > TEXT_LIMIT {
                break;
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&arg);
        }
        let stack = called.stack_trace.as_ref();
        let place = stack.and_then(|stack| stack.call_frames.first());
        self.complain(false, &text, place.cloned());
    }

    /// An exception that nobody caught.
    pub(super) fn thrown(&mut self, thrown: &Thrown) {
        let details = &thrown.exception_details;
        let exception = details.exception.as_ref().map(shown).unwrap_or_default();
        let text = format!("{} {exception}", details.text);
        let place = Place::of(details.url.as_deref(), details.line_number);
        self.complain(true, text.trim_end(), place);
    }

    /// A complaint that can't be read, such as one with half a surrogate pair.
    pub(super) fn unreadable(&mut self, uncaught: bool) {
        self.complain(uncaught, UNREADABLE, None);
    }

    /// The same, with what the proxy knows: why a host was not reached, and which hosts pages may not call.
    pub(super) fn explained(mut self, proxy: &Proxy) -> Self {
        let (mut refusals, failures) = (proxy.refusals(), proxy.failures());
        let mut told = Vec::new();
        for request in &mut self.requests.entries {
            let host = Url::parse(&request.url).ok().and_then(|url| host(&url));
            let Some(host) = host else { continue };
            if let Some(refusal) = refusals.iter().find(|refusal| refusal.host == host) {
                (request.status, request.refused) = (None, true);
                request.error = Some(scrub::text(&refusal.reason));
                told.push(host);
            } else if let Some(failure) = failures.iter().find(|failure| failure.host == host)
                && request.status.is_none_or(|status| status == BAD_GATEWAY)
            {
                request.status = None;
                request.error = Some(scrub::text(&failure.reason));
            }
        }
        refusals.retain(|refusal| !told.contains(&refusal.host));
        for refusal in refusals {
            self.requests.note(FailedRequest {
                url: refusal.host,
                status: None,
                error: Some(scrub::text(&refusal.reason)),
                refused: true,
            });
        }
        self
    }

    fn complain(&mut self, uncaught: bool, text: &str, place: Option<Place>) {
        let place = place.map(|place| {
            let address = scrub::address(&place.url);
            // The protocol counts lines from 0.
            let line = place.line_number.max(0).saturating_add(1);
            format!("{address}:{line}")
        });
        self.console.note(Complaint {
            uncaught,
            text: scrub::text(text),
            place,
        });
    }
}

fn failed(url: &str, reason: &str) -> FailedRequest {
    const STATUS: &str = "the server responded with a status of ";
    let status = reason.strip_prefix(STATUS).and_then(|rest| {
        let digits = rest.split(|character: char| !character.is_ascii_digit());
        digits.into_iter().next()?.parse().ok()
    });
    FailedRequest {
        url: scrub::address(url),
        error: status.is_none().then(|| scrub::text(reason)),
        status,
        refused: false,
    }
}

/// A host as the proxy names it: with its port, unless that is 80.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port_or_known_default()? {
        80 => host.to_owned(),
        port => format!("{host}:{port}"),
    })
}

/// A value as a console shows it, in one line.
fn shown(remote: &Remote) -> String {
    match (&remote.value, &remote.description) {
        (Some(Value::String(text)), _) => text.clone(),
        (_, Some(description)) => {
            let first = description.lines().next();
            first.unwrap_or_default().to_owned()
        }
        (Some(value), None) => value.to_string(),
        // `null` is an object of a kind of its own, whose value is not there.
        (None, None) => remote.subtype.as_ref().unwrap_or(&remote.kind).clone(),
    }
}
