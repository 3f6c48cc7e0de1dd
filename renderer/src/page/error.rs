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

impl PageError {
    /// Says of which of several pages this is told.
    #[must_use]
    pub fn about_page(self, label: &str) -> Self {
        let about = |text| format!("{label}: {text}");
        match self {
            Self::Timeout(text) => Self::Timeout(about(text)),
            Self::Navigation(text) => Self::Navigation(about(text)),
            Self::Rendering(text) => Self::Rendering(about(text)),
            Self::BrowserGone | Self::Internal(_) => self,
        }
    }

    /// Says of a script that failed on a selector's syntax which selector that was.
    pub(super) fn about_selector(self, selector: &str) -> Self {
        match self {
            Self::Rendering(text) if text.contains("SyntaxError") => {
                Self::Rendering(format!("`{selector}` is not a CSS selector"))
            }
            Self::Timeout(_)
            | Self::Navigation(_)
            | Self::Rendering(_)
            | Self::BrowserGone
            | Self::Internal(_) => self,
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
        if error.kind() == std::io::ErrorKind::FileTooLarge {
            return Self::Rendering(error.to_string());
        }
        Self::Internal(format!("the result can't be kept: {error}"))
    }
}
