//! What a page is told about its reader: media, colours, language, place.

use common::task::{ColorScheme, Geolocation, Media, PageOptions};
use headless_chrome::protocol::cdp::{Browser as BrowserDomain, Emulation};
use url::Url;

use super::{Content, Page, PageError};
use crate::cdp::CallError;

/// Sets what the options ask for, before the page loads.
pub(super) async fn apply(
    page: &Page,
    options: &PageOptions,
    content: Content<'_>,
) -> Result<(), PageError> {
    set_media(page, options.media, options.reader.color_scheme).await?;
    if let Some(locale) = &options.reader.locale {
        set_locale(page, locale).await?;
    }
    if let (Some(place), Content::Url(url)) = (&options.reader.geolocation, content) {
        set_geolocation(page, place, url).await?;
    }
    Ok(())
}

/// Both go into one call, which would forget what it does not say.
async fn set_media(
    page: &Page,
    media: Option<Media>,
    scheme: Option<ColorScheme>,
) -> Result<(), PageError> {
    let media = match media {
        Some(Media::Screen) => Some("screen"),
        Some(Media::Print) => Some("print"),
        Some(Media::Natural) | None => None,
    };
    let scheme = scheme.map(|scheme| match scheme {
        ColorScheme::Light => "light",
        ColorScheme::Dark => "dark",
    });
    if media.is_none() && scheme.is_none() {
        return Ok(());
    }
    let features = scheme.map(|scheme| {
        vec![Emulation::MediaFeature {
            name: "prefers-color-scheme".to_owned(),
            value: scheme.to_owned(),
        }]
    });
    page.session
        .call(Emulation::SetEmulatedMedia {
            media: media.map(str::to_owned),
            features,
        })
        .await?;
    Ok(())
}

/// How the page writes numbers and dates, and, by another call, which language it asks for.
async fn set_locale(page: &Page, locale: &str) -> Result<(), PageError> {
    let format = Emulation::SetLocaleOverride {
        locale: Some(locale.to_owned()),
    };
    page.session
        .call(format)
        .await
        .map_err(|error| match error {
            CallError::Refused { .. } => {
                PageError::Rendering(format!("the browser knows no locale `{locale}`"))
            }
            CallError::Closed | CallError::Shape { .. } => error.into(),
        })?;
    page.session
        .call(Emulation::SetUserAgentOverride {
            // An empty one leaves the browser's own.
            user_agent: String::new(),
            accept_language: Some(locale.to_owned()),
            platform: None,
            user_agent_metadata: None,
        })
        .await?;
    Ok(())
}

/// The page's own origin may ask for the place, and no other.
async fn set_geolocation(page: &Page, place: &Geolocation, url: &Url) -> Result<(), PageError> {
    page.browser()
        .connection()
        .call(BrowserDomain::GrantPermissions {
            permissions: vec![BrowserDomain::PermissionType::Geolocation],
            origin: Some(url.origin().ascii_serialization()),
            browser_context_id: Some(page.context.id.clone()),
        })
        .await?;
    page.session
        .call(Emulation::SetGeolocationOverride {
            latitude: Some(place.latitude),
            longitude: Some(place.longitude),
            accuracy: Some(place.accuracy),
            altitude: None,
            altitude_accuracy: None,
            heading: None,
            speed: None,
        })
        .await?;
    Ok(())
}
