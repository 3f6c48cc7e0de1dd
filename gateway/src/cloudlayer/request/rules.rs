//! Which faults of a page make its job fail: an extension of ours, in no reference.

use common::task::FailOn;

use super::Invalid;
use super::fields::{Field, Fields};

/// The rules by their names.
const RULES: &[(&str, Rule)] = &[
    ("mainStatus", Rule::MainStatus),
    ("failedResources", Rule::FailedResources),
    ("consoleErrors", Rule::ConsoleErrors),
];

#[derive(Clone, Copy)]
enum Rule {
    MainStatus,
    FailedResources,
    ConsoleErrors,
}

/// Reads `failOn`: a list of rules.
pub(super) fn fail_on(fields: &Fields<'_>) -> Result<FailOn, Invalid> {
    Ok(fields.maybe("failOn", rules)?.unwrap_or_default())
}

fn rules(field: &Field<'_>) -> Result<FailOn, Invalid> {
    let mut fail_on = FailOn::default();
    for item in field.list(RULES.len())? {
        match item.word(RULES)? {
            Rule::MainStatus => fail_on.main_status = true,
            Rule::FailedResources => fail_on.failed_resources = true,
            Rule::ConsoleErrors => fail_on.console_errors = true,
        }
    }
    Ok(fail_on)
}
