//! Which lines are logged. A filter that can't be read, or hides lines by a slip of the pen, is told
//! before anything is started: nobody would miss the lines of errors until they are needed.

use tracing_subscriber::filter::{Directive, EnvFilter, LevelFilter};

/// What is never logged: the AMQP library writes a message that comes back out in full, the spans of
/// traces carry nothing that log lines lack, and a collector that is away is told of once, by
/// [`super::traces`].
const SILENT: &str = "lapin::returned_messages=off,platen::trace=off,opentelemetry-otlp=off";

/// What is never hidden: the spans that say what a line is about.
const NAMED: &str = "platen::log=error";

/// What our own lines come from, and may be asked for without a level.
const OURS: &[&str] = &["common", "dispatcher", "gateway", "platen", "renderer"];

/// How a filter is written.
const RIGHT: &str = "write a level (off, error, warn, info, debug or trace), and TARGET=LEVEL for what is to differ, with commas between and without spaces, such as `warn` or `info,renderer=debug`";

/// A filter that does not do what its writer meant; the complaint names the option.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// It lets nothing pass.
    #[error("--log (PLATEN_LOG) is empty, which would hide every line, errors too: {RIGHT}")]
    Empty,
    /// This part of it has not the form.
    #[error("--log (PLATEN_LOG) can't be read at `{0}`: {RIGHT}")]
    Unreadable(String),
    /// This word is most likely a level that was mistyped. As a target it would match nothing, and by
    /// itself hide every line.
    #[error("--log (PLATEN_LOG) holds `{0}`, which is neither a level nor a part of Platen ({ours}): {RIGHT}", ours = OURS.join(", "))]
    Unknown(String),
}

/// Complains about a filter that can't be meant.
pub fn check_filter(text: &str) -> Result<(), InvalidFilter> {
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err(InvalidFilter::Empty);
    }
    for part in parts {
        let target = part.split(['=', '[']).next().unwrap_or_default();
        // The parser takes spaces for a part of the target's name.
        if target.contains(char::is_whitespace) || part.parse::<Directive>().is_err() {
            return Err(InvalidFilter::Unreadable(part.to_owned()));
        }
        let is_slip = target == part && !is_known(part);
        let names_level = !target.is_empty() && target != part;
        if is_slip || (names_level && target.parse::<LevelFilter>().is_ok()) {
            return Err(InvalidFilter::Unknown(part.to_owned()));
        }
    }
    Ok(())
}

/// A level, a crate of ours, or a module of any crate.
fn is_known(word: &str) -> bool {
    word.parse::<LevelFilter>().is_ok() || OURS.contains(&word) || word.contains("::")
}

/// The filter that was asked for, without what is never logged.
pub(super) fn quieted(text: &str) -> Result<EnvFilter, InvalidFilter> {
    check_filter(text)?;
    EnvFilter::try_new(format!("{text},{SILENT},{NAMED}"))
        .map_err(|_| InvalidFilter::Unreadable(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_are_taken() {
        for text in [
            "info",
            "WARN",
            "off",
            "gateway",
            "info,renderer=debug",
            "info,sqlx=debug,",
            "renderer::engine=debug",
            "warn,sqlx::query",
            "info,[job]=debug",
        ] {
            assert_eq!(check_filter(text), Ok(()), "{text}");
            assert!(quieted(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_would_hide_lines_by_mistake_is_refused_and_named() {
        let unreadable = |part: &str| InvalidFilter::Unreadable(part.to_owned());
        let unknown = |word: &str| InvalidFilter::Unknown(word.to_owned());
        for (text, expected) in [
            ("", InvalidFilter::Empty),
            (",", InvalidFilter::Empty),
            ("inof", unknown("inof")),
            ("info,rendrer", unknown("rendrer")),
            ("info=debug", unknown("info=debug")),
            ("platen-gateway", unknown("platen-gateway")),
            ("info,renderer=loud", unreadable("renderer=loud")),
            ("info, renderer=debug", unreadable(" renderer=debug")),
            ("info renderer=debug", unreadable("info renderer=debug")),
            ("debug ", unreadable("debug ")),
            ("info,[job", unreadable("[job")),
        ] {
            let refused = check_filter(text).unwrap_err();
            assert_eq!(refused, expected, "{text}");
            let said = refused.to_string();
            for words in ["--log", "PLATEN_LOG", "info,renderer=debug"] {
                assert!(said.contains(words), "{said}");
            }
            assert!(quieted(text).is_err(), "{text}");
        }
    }
}
