//! What a page sees of its surroundings: window, touch, time zone, media, reader, cookies, credentials.

use common::task::{Cookie, Output, SameSite, Task, Viewport};
use headless_chrome::protocol::cdp::{DOM, Emulation, Network};
use url::Url;

use super::credentials::Credentials;
use super::{Content, Page, PageError, load, reader};

/// Sets everything that must be there before the page loads; a plain job makes no call at all.
pub(super) async fn apply(page: &Page, task: &Task, content: Content<'_>) -> Result<(), PageError> {
    let options = &task.page;
    if let Some(viewport) = &options.viewport {
        set_viewport(page, viewport).await?;
        // A window learns at its birth whether it has touch, and a document is written into the old one.
        if viewport.has_touch && matches!(content, Content::Html(_)) {
            load::blank(page).await?;
        }
    }
    if let Some(zone) = &options.time_zone {
        let timezone_id = zone.clone();
        page.session
            .call(Emulation::SetTimezoneOverride { timezone_id })
            .await?;
    }
    reader::apply(page, options, content).await?;
    if let Output::Image(image) = &task.output
        && image.transparent
        && image.format.has_alpha()
    {
        let color = Some(DOM::RGBA {
            r: 0,
            g: 0,
            b: 0,
            a: Some(0.0),
        });
        page.session
            .call(Emulation::SetDefaultBackgroundColorOverride { color })
            .await?;
    }
    set_cookies(page, &options.cookies, content).await?;
    if let Content::Url(url) = content
        && (options.basic.is_some() || !options.headers.is_empty())
    {
        let credentials = Credentials::new(url, options.basic.as_ref(), &options.headers);
        credentials.enable(&page.session).await?;
        page.watch.set_credentials(credentials);
    }
    Ok(())
}

async fn set_viewport(page: &Page, viewport: &Viewport) -> Result<(), PageError> {
    use Emulation::ScreenOrientationType::{LandscapePrimary, PortraitPrimary};
    let (kind, angle) = if viewport.is_landscape {
        (LandscapePrimary, 90)
    } else {
        (PortraitPrimary, 0)
    };
    page.session
        .call(Emulation::SetDeviceMetricsOverride {
            width: viewport.width,
            height: viewport.height,
            device_scale_factor: viewport.device_scale_factor,
            mobile: viewport.is_mobile,
            scale: None,
            screen_width: None,
            screen_height: None,
            position_x: None,
            position_y: None,
            dont_set_visible_size: None,
            screen_orientation: Some(Emulation::ScreenOrientation { Type: kind, angle }),
            viewport: None,
            display_feature: None,
            device_posture: None,
        })
        .await?;
    if viewport.has_touch {
        page.session
            .call(Emulation::SetTouchEmulationEnabled {
                enabled: true,
                max_touch_points: Some(1),
            })
            .await?;
    }
    Ok(())
}

async fn set_cookies(
    page: &Page,
    cookies: &[Cookie],
    content: Content<'_>,
) -> Result<(), PageError> {
    if cookies.is_empty() {
        return Ok(());
    }
    let own = match content {
        Content::Url(url) => Some(url),
        Content::Html(_) => None,
    };
    let cookies = cookies
        .iter()
        .map(|cookie| parameter(cookie, own))
        .collect::<Result<Vec<_>, _>>()?;
    // All cookies are set by one call, so a single bad one refuses them all; the text names none.
    let set = page.session.call(Network::SetCookies { cookies }).await;
    set.map_err(|error| {
        PageError::Rendering(format!("a cookie was refused by the browser: {error}"))
    })?;
    Ok(())
}

fn parameter(cookie: &Cookie, page: Option<&Url>) -> Result<Network::CookieParam, PageError> {
    let homeless = cookie.url.is_none() && cookie.domain.is_none();
    let url = match (homeless, page) {
        (false, _) => cookie.url.clone(),
        (true, Some(page)) => Some(page.to_string()),
        (true, None) => {
            let name = &cookie.name;
            return Err(PageError::Rendering(format!(
                "the cookie `{name}` needs a url or a domain, since a document has no host"
            )));
        }
    };
    Ok(Network::CookieParam {
        name: cookie.name.clone(),
        value: cookie.value.clone(),
        url,
        domain: cookie.domain.clone(),
        path: cookie.path.clone(),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site.map(|same_site| match same_site {
            SameSite::Strict => Network::CookieSameSite::Strict,
            SameSite::Lax => Network::CookieSameSite::Lax,
            SameSite::None => Network::CookieSameSite::None,
        }),
        expires: cookie.expires,
        priority: None,
        same_party: None,
        source_scheme: None,
        source_port: None,
        partition_key: None,
    })
}
