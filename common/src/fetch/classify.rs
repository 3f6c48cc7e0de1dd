//! Turns the HTTP library's error into what a person can act on.

use std::error::Error;
use std::io;

use super::Fetched;
use super::resolver::NotDialled;

/// What a call that gave no answer came to.
pub(super) fn failure(error: &reqwest::Error) -> Fetched {
    let causes = causes(error);
    if let Some(refused) = causes.iter().find_map(|c| c.downcast_ref::<NotDialled>()) {
        return Fetched::Refused(refused.to_string());
    }
    if error.is_timeout() {
        return Fetched::Timeout;
    }
    if let Some(tls) = causes
        .iter()
        .find_map(|c| c.downcast_ref::<rustls::Error>())
    {
        return Fetched::Connection(format!("no TLS connection: {tls}"));
    }
    let what = if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    // The first cause repeats the URL, which may hold secrets; the last says what happened.
    match causes.last() {
        Some(cause) => Fetched::Connection(format!("{what}: {cause}")),
        None => Fetched::Connection(what.to_owned()),
    }
}

/// The causes of an error, outermost first; an I/O error also shows the error that it wraps.
fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut found: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        found.push(cause);
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    found
}
