//! What the dialect converts from, and to what.

use std::fmt;

use common::job::JobKind;

/// One of the dialect's conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// A page on the network to a PDF.
    UrlPdf,
    /// A page on the network to a picture.
    UrlImage,
    /// A document to a PDF.
    HtmlPdf,
    /// A document to a picture.
    HtmlImage,
}

impl Conversion {
    /// Every conversion.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] =
        &[Self::UrlPdf, Self::UrlImage, Self::HtmlPdf, Self::HtmlImage];

    /// The word for it that every dialect shares.
    pub(crate) const fn kind(self) -> JobKind {
        match self {
            Self::UrlPdf => JobKind::UrlPdf,
            Self::UrlImage => JobKind::UrlImage,
            Self::HtmlPdf => JobKind::HtmlPdf,
            Self::HtmlImage => JobKind::HtmlImage,
        }
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}
