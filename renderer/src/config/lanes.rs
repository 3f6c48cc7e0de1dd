//! Which lanes a renderer serves: those that were named, if this build has an engine for each.

use std::collections::BTreeSet;

use common::job::Lane;

/// The lanes that this build has an engine for.
const ENGINES: [Lane; 2] = [Lane::Browser, Lane::Native];

/// A word that names no lane.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no lane: write browser or native, or both with a comma between them")]
pub(super) struct UnknownLane(String);

/// Why no renderer can serve the lanes that were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLanes {
    /// There would be nothing to do.
    #[error(
        "--lanes (PLATEN_LANES) names no lane: write browser or native, or both with a comma between them"
    )]
    Empty,
    /// A lane of the dialects that this build can't work on.
    #[error(
        "--lanes (PLATEN_LANES) names `{0}`, for which this build has no engine: it has browser and native"
    )]
    NoEngine(Lane),
}

/// Reads a lane; fits clap's `value_parser`.
pub(super) fn parse(text: &str) -> Result<Lane, UnknownLane> {
    text.trim()
        .parse()
        .map_err(|_| UnknownLane(text.to_owned()))
}

/// Each lane once, if all of them can be served.
pub(super) fn check(named: &[Lane]) -> Result<BTreeSet<Lane>, InvalidLanes> {
    if let Some(&lane) = named.iter().find(|lane| !ENGINES.contains(lane)) {
        return Err(InvalidLanes::NoEngine(lane));
    }
    if named.is_empty() {
        return Err(InvalidLanes::Empty);
    }
    Ok(named.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_with_an_engine_are_served_and_all_else_is_refused_by_name() {
        let served = check(&[Lane::Native, Lane::Browser, Lane::Native]);
        assert_eq!(served, Ok(BTreeSet::from(ENGINES)));
        assert_eq!(check(&[]), Err(InvalidLanes::Empty));
        let office = check(&[Lane::Browser, Lane::Office]).unwrap_err();
        assert!(office.to_string().contains("`office`"), "{office}");
        assert_eq!(parse(" office "), Ok(Lane::Office));
        let unknown = parse("bowser").unwrap_err().to_string();
        assert!(unknown.contains("`bowser`") && unknown.contains("browser or native"));
    }
}
