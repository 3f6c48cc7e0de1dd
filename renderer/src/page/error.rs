//! Why a page did not become what was asked for, in the words that the customer reads.

use common::job::FailureKind;

use crate::cdp::CallError;

/// Why a page did not become what was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PageError {
    /// It took longer than the caller allowed.
    #[error("Timeout: {0}")]
    Timeout(String),
    /// It could not be reached.
    #[error("Navigation: {0}")]
    Navigation(String),
    /// It was reached but could not be turned into the output.
    #[error("Rendering: {0}")]
    Rendering(String),
    /// The browser process ended, perhaps by another job's fault.
    #[error("Rendering: the browser ended while it worked on the page")]
    BrowserGone,
    /// Ours, not the caller's.
    #[error("Internal: {0}")]
    Internal(String),
}

impl PageError {
    /// The sort of failure that it is reported as.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Timeout(_) => FailureKind::Timeout,
            Self::Navigation(_) => FailureKind::Navigation,
            Self::Rendering(_) | Self::BrowserGone => FailureKind::Rendering,
            Self::Internal(_) => FailureKind::Internal,
        }
    }
}

impl From<CallError> for PageError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Closed => Self::BrowserGone,
            CallError::Refused { .. } | CallError::Shape { .. } => {
                Self::Internal(format!("the browser refused {error}"))
            }
        }
    }
}

impl From<std::io::Error> for PageError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::FileTooLarge => Self::Rendering(error.to_string()),
            _ => Self::Internal(format!("the result can't be kept: {error}")),
        }
    }
}
