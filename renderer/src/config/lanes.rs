//! Which lanes a renderer serves: those that were named.

use std::collections::BTreeSet;

use common::job::Lane;

/// A word that names no lane.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no lane: write browser, native or office, with commas between them")]
pub(super) struct UnknownLane(String);

/// Why no renderer can serve the lanes that were named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLanes {
    /// There would be nothing to do.
    #[error(
        "--lanes (PLATEN_LANES) names no lane: write browser, native or office, with commas between them"
    )]
    Empty,
}

/// Reads a lane; fits clap's `value_parser`.
pub(super) fn parse(text: &str) -> Result<Lane, UnknownLane> {
    text.trim()
        .parse()
        .map_err(|_| UnknownLane(text.to_owned()))
}

/// Each lane once, if all of them can be served.
pub(super) fn check(named: &[Lane]) -> Result<BTreeSet<Lane>, InvalidLanes> {
    if named.is_empty() {
        return Err(InvalidLanes::Empty);
    }
    Ok(named.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_served_once_and_all_else_is_refused_by_name() {
        let served = check(&[Lane::Native, Lane::Office, Lane::Native]);
        assert_eq!(served, Ok(BTreeSet::from([Lane::Native, Lane::Office])));
        assert_eq!(check(&[]), Err(InvalidLanes::Empty));
        assert_eq!(parse(" office "), Ok(Lane::Office));
        let unknown = parse("bowser").unwrap_err().to_string();
        assert!(unknown.contains("`bowser`") && unknown.contains("native or office"));
    }
}
