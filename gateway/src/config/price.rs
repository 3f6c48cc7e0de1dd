//! The price table: what each kind of conversion costs.

use std::str::FromStr;

use common::credits::Credits;
use common::job::JobKind;
use common::task::Work;

/// What one kind of conversion costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// The kind.
    pub kind: JobKind,
    /// Its price; not negative.
    pub credits: Credits,
}

/// A text that is not a price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParsePriceError {
    /// Not of the form.
    #[error("`{0}` is not a price: write TYPE=CREDITS, such as html-pdf=1")]
    Form(String),
    /// No such conversion.
    #[error("`{0}` is not a conversion; there are {known}", known = JobKind::ALL.iter().filter(|kind| kind.is_conversion()).map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "))]
    Kind(String),
    /// No amount, or a negative one.
    #[error(
        "`{0}` is not a price in credits: write a number that is not negative, such as 1 or 0.5"
    )]
    Credits(String),
}

impl FromStr for Price {
    type Err = ParsePriceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || ParsePriceError::Form(text.to_owned());
        let (kind, credits) = text.trim().split_once('=').ok_or_else(form)?;
        let amount: Credits = credits
            .parse()
            .map_err(|_| ParsePriceError::Credits(credits.to_owned()))?;
        if amount < Credits::ZERO {
            return Err(ParsePriceError::Credits(credits.to_owned()));
        }
        let known = kind
            .parse()
            .ok()
            .filter(|kind: &JobKind| kind.is_conversion());
        Ok(Self {
            kind: known.ok_or_else(|| ParsePriceError::Kind(kind.to_owned()))?,
            credits: amount,
        })
    }
}

/// What every kind of conversion costs.
#[derive(Debug, Clone)]
pub(crate) struct Prices(Vec<Price>);

impl Prices {
    pub(crate) fn new(chosen: &[Price]) -> Self {
        Self(chosen.to_vec())
    }

    /// The price of a kind: the last that was set, or the usual one.
    pub(crate) fn of(&self, kind: JobKind) -> Credits {
        let chosen = self.0.iter().rev().find(|price| price.kind == kind);
        chosen.map_or(usual(kind), |price| price.credits)
    }

    /// The price of a job: that of its kind; where sources are joined, that for each of them, and one of
    /// a merge for the joining (reference cloudlayer 4.4).
    pub(crate) fn of_work(&self, kind: JobKind, work: &Work) -> Credits {
        let each = self.of(kind);
        match work.joined() {
            None => each,
            Some(sources) => {
                std::iter::repeat_n(each, sources).sum::<Credits>() + self.of(JobKind::MergePdf)
            }
        }
    }
}

/// What a kind costs where nothing is said (reference iterationlayer 1.10, its latest column).
const fn usual(kind: JobKind) -> Credits {
    match kind {
        JobKind::UrlPdf
        | JobKind::UrlImage
        | JobKind::HtmlPdf
        | JobKind::HtmlImage
        | JobKind::TemplatePdf
        | JobKind::TemplateImage
        | JobKind::DocxPdf
        | JobKind::DocxHtml
        | JobKind::PdfDocx
        | JobKind::MergePdf
        | JobKind::ImageGeneration => Credits::whole(1),
        JobKind::StorageCheck => Credits::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_says_what_would_be_right() {
        for (text, part) in [
            ("html-pdf", "TYPE=CREDITS"),
            ("html-doc=1", "url-image"),
            ("html-pdf=-1", "not negative"),
            ("html-pdf=x", "0.5"),
        ] {
            let error = text.parse::<Price>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
