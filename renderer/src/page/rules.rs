//! What makes a job fail, although its page could be shown: by the caller's own rules.

use common::report::{Complaint, FailedRequest};
use common::task::FailOn;
use url::Url;

use super::watch::REFUSAL;
use super::{Page, PageError, scrub};

/// Holds what the page has come to against the rules.
pub(super) fn check(page: &Page, rules: FailOn) -> Result<(), PageError> {
    let main = page.watch.now(|state| state.answered.clone());
    if let Some((address, status)) = &main
        && rules.main_status
        && *status >= REFUSAL
    {
        let url = Url::parse(address).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        return Err(PageError::Navigation(format!(
            "{host} answered with the status {status} (a failure by `failOn: mainStatus`)"
        )));
    }
    if !rules.failed_resources && !rules.console_errors {
        return Ok(());
    }
    let complaints = page.complaints();
    // The page's own answer has a rule of its own.
    let main = main.map(|(address, status)| (scrub::address(&address), status));
    let is_main = |request: &&FailedRequest| {
        // Addresses lose their queries here, so that a resource may look like the page itself.
        matches!((&main, request.status), (Some((address, status)), Some(same)) if *address == request.url && *status == same)
    };
    let mut requests = complaints.requests.entries.iter();
    let failed = requests.find(|request| !is_main(request));
    if let Some(request) = failed.filter(|_| rules.failed_resources) {
        return Err(PageError::Rendering(format!(
            "{} (a failure by `failOn: failedResources`)",
            said_of(request)
        )));
    }
    if let Some(complaint) = complaints.console.entries.first()
        && rules.console_errors
    {
        return Err(PageError::Rendering(format!(
            "{} (a failure by `failOn: consoleErrors`)",
            said(complaint)
        )));
    }
    Ok(())
}

fn said_of(request: &FailedRequest) -> String {
    let url = &request.url;
    match (request.status, &request.error) {
        (Some(status), _) => format!("{url} answered with the status {status}"),
        (None, Some(error)) => format!("{url} was not loaded: {error}"),
        (None, None) => format!("{url} was not loaded"),
    }
}

fn said(complaint: &Complaint) -> String {
    let text = &complaint.text;
    match &complaint.place {
        Some(place) => format!("the page complained at {place}: {text}"),
        None => format!("the page complained: {text}"),
    }
}
