//! Why a customer's bucket did not take an object, in words that its owner can act on. Of what a store
//! answers only its status and its one-word code are repeated.

use hyper::StatusCode;

use crate::fetch::Fetched;

/// The longest code of an answer that is repeated.
const CODE_LIMIT: usize = 64;

/// Why a bucket did not take an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no such bucket.
    #[error("bucket not found: check `bucket`, `endpoint` and `region`")]
    NoBucket,
    /// The keys do not open it.
    #[error(
        "access denied{code}: check `accessKeyId`, `secretAccessKey` and that the key may put objects",
        code = in_brackets(.0.as_deref())
    )]
    Denied(Option<String>),
    /// The store sends us elsewhere, or wants another signature.
    #[error(
        "wrong region or endpoint: the store takes requests for this bucket elsewhere, check `region` and `endpoint`"
    )]
    Elsewhere,
    /// The address may not be called.
    #[error("host refused by policy: {0}")]
    Refused(String),
    /// Another answer.
    #[error("the store answered {0}{code}", code = in_brackets(.1.as_deref()))]
    Status(u16, Option<String>),
    /// No answer in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// No connection, or one that broke.
    #[error("the store could not be reached: {0}")]
    Connection(String),
    /// An answer that makes no sense.
    #[error("the store's answers can't be understood; is it S3-compatible?")]
    Unclear,
}

impl Trouble {
    /// Whether the same call may succeed later.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Timeout | Self::Connection(_) => true,
            Self::Status(status, _) => *status >= 500 || *status == 429,
            Self::NoBucket
            | Self::Denied(_)
            | Self::Elsewhere
            | Self::Refused(_)
            | Self::Unclear => false,
        }
    }

    /// What an answer says; `None` of a good one.
    pub(super) fn of(status: StatusCode, body: &[u8]) -> Option<Self> {
        if status.is_success() {
            return None;
        }
        let code = code(body);
        Some(match (status.as_u16(), code.as_deref()) {
            (_, Some("NoSuchBucket")) | (404, _) => Self::NoBucket,
            (301 | 302 | 307 | 308, _)
            | (_, Some("AuthorizationHeaderMalformed" | "PermanentRedirect")) => Self::Elsewhere,
            (401 | 403, _) => Self::Denied(code),
            (status, _) => Self::Status(status, code),
        })
    }
}

impl From<Fetched> for Trouble {
    fn from(fetched: Fetched) -> Self {
        match fetched {
            Fetched::Answered(answer) => Self::Status(answer.status, None),
            Fetched::Timeout => Self::Timeout,
            Fetched::Connection(why) => Self::Connection(why),
            Fetched::Refused(why) => Self::Refused(why),
        }
    }
}

/// The code of an error's XML, if it is one word.
fn code(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain = !code.is_empty()
        && code.len() <= CODE_LIMIT
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| code.to_owned())
}

fn in_brackets(code: Option<&str>) -> String {
    code.map(|code| format!(" ({code})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Option<Trouble> {
        Trouble::of(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn an_answer_is_told_by_its_status_and_its_code() {
        let error = |code: &str| format!("<?xml?><Error><Code>{code}</Code></Error>");
        assert_eq!(of(200, ""), None);
        assert_eq!(of(404, &error("NoSuchBucket")), Some(Trouble::NoBucket));
        assert_eq!(of(301, ""), Some(Trouble::Elsewhere));
        let malformed = error("AuthorizationHeaderMalformed");
        assert_eq!(of(400, &malformed), Some(Trouble::Elsewhere));
        let denied = of(403, &error("SignatureDoesNotMatch")).unwrap();
        assert!(denied.to_string().starts_with("access denied (Signature"));
        assert!(!denied.may_pass() && of(503, "").unwrap().may_pass());
    }

    #[test]
    fn a_code_that_is_no_word_is_not_repeated() {
        for body in [
            "<Code></Code>",
            "<Code>a b</Code>",
            "<Code>\u{1b}[31m</Code>",
            &format!("<Code>{}</Code>", "x".repeat(65)),
        ] {
            assert_eq!(of(500, body), Some(Trouble::Status(500, None)));
        }
    }
}
