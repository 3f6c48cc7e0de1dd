//! Headers and footers, as HTML for the print command.

use common::task::{Banner, BannerSource};

use super::{Page, PageError};

/// The markup of a header or footer.
pub(super) async fn markup(
    _page: &Page,
    banner: Option<&Banner>,
) -> Result<Option<String>, PageError> {
    let Some(banner) = banner else {
        return Ok(None);
    };
    match &banner.source {
        BannerSource::Template(html) => Ok(Some(html.clone())),
        BannerSource::Extract(_) => Err(PageError::Internal("not yet".into())),
    }
}
