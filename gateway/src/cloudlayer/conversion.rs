//! What the dialect converts from, and to what.

use std::fmt;

use common::job::{JobKind, TemplateKind};

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
    /// A template and its data to a PDF.
    TemplatePdf,
    /// A template and its data to a picture.
    TemplateImage,
}

impl Conversion {
    /// Every conversion.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::UrlPdf,
        Self::UrlImage,
        Self::HtmlPdf,
        Self::HtmlImage,
        Self::TemplatePdf,
        Self::TemplateImage,
    ];

    /// The word for it that every dialect shares.
    pub(crate) const fn kind(self) -> JobKind {
        match self {
            Self::UrlPdf => JobKind::UrlPdf,
            Self::UrlImage => JobKind::UrlImage,
            Self::HtmlPdf => JobKind::HtmlPdf,
            Self::HtmlImage => JobKind::HtmlImage,
            Self::TemplatePdf => JobKind::TemplatePdf,
            Self::TemplateImage => JobKind::TemplateImage,
        }
    }

    /// What the template is made, if it is made of one.
    pub(crate) const fn template(self) -> Option<TemplateKind> {
        match self {
            Self::TemplatePdf => Some(TemplateKind::Pdf),
            Self::TemplateImage => Some(TemplateKind::Image),
            Self::UrlPdf | Self::UrlImage | Self::HtmlPdf | Self::HtmlImage => None,
        }
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}
