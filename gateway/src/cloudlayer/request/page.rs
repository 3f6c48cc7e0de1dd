//! The browser group: how a page is loaded and when it counts as ready (reference 6.4).

use std::time::Duration;

use chrono_tz::TZ_VARIANTS;
use common::task::{
    FrameWait, LONGEST_TIMEOUT, Media, PageOptions, SelectorState, SelectorWait, Viewport,
    WaitUntil,
};
use serde_json::Value;

use super::fields::{Field, Fields};
use super::{Invalid, reader, rules};

/// The longest CSS selector, in bytes.
pub(super) const SELECTOR_LIMIT: usize = 1024;

/// The most pixels of a viewport on the device.
const MOST_PIXELS: f64 = 100_000_000.0;

/// No wait lasts longer, as no task does.
pub(super) const LONGEST_MS: u64 = LONGEST_TIMEOUT.as_secs() * 1000;

/// Reads the group, and Platen's own options beside it; credentials, cookies and headers belong to the URL
/// group.
pub(super) fn read(fields: &Fields<'_>, unset: WaitUntil) -> Result<PageOptions, Invalid> {
    let delay = fields.maybe("delay", |field| field.whole(0..=LONGEST_MS))?;
    Ok(PageOptions {
        wait_until: fields.maybe("waitUntil", wait_until)?.unwrap_or(unset),
        wait_for_selector: fields.maybe("waitForSelector", selector_wait)?,
        frames: frames(fields)?,
        auto_scroll: fields.flag("autoScroll")?,
        delay: Duration::from_millis(delay.unwrap_or(0)),
        viewport: fields.maybe("viewPort", viewport)?,
        time_zone: fields.maybe("timeZone", time_zone)?,
        media: media(fields)?,
        basic: None,
        cookies: Vec::new(),
        headers: Vec::new(),
        reader: reader::read(fields)?,
        fail_on: rules::fail_on(fields)?,
        best_effort: fields.flag("bestEffort")?,
    })
}

fn frames(fields: &Fields<'_>) -> Result<FrameWait, Invalid> {
    Ok(FrameWait {
        loaded: fields.flag("waitForFrame")?,
        attached: fields.flag("waitForFrameAttachment")?,
        navigation: fields
            .maybe("waitForFrameNavigation", frame_navigation)?
            .flatten(),
        images: fields.flag("waitForFrameImages")?,
        selector: fields.maybe("waitForFrameSelector", selector_wait)?,
    })
}

/// A load event, or a boolean as public callers send it: true is `load`.
fn frame_navigation(field: &Field<'_>) -> Result<Option<WaitUntil>, Invalid> {
    match field.value() {
        Value::Bool(wanted) => Ok(wanted.then_some(WaitUntil::Load)),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            wait_until(field).map(Some)
        }
    }
}

fn wait_until(field: &Field<'_>) -> Result<WaitUntil, Invalid> {
    field.word(&[
        ("load", WaitUntil::Load),
        ("domcontentloaded", WaitUntil::DomContentLoaded),
        ("networkidle0", WaitUntil::NetworkIdle),
        ("networkidle2", WaitUntil::NetworkAlmostIdle),
    ])
}

fn selector_wait(field: &Field<'_>) -> Result<SelectorWait, Invalid> {
    let fields = field.object()?;
    let selector = fields.require("selector", "a CSS selector", selector)?;
    let options = fields.maybe("options", Field::object)?;
    let (state, timeout) = match options {
        Some(options) => selector_options(&options)?,
        None => (SelectorState::default(), 30_000),
    };
    Ok(SelectorWait {
        selector,
        state,
        timeout: Duration::from_millis(timeout),
    })
}

/// The state to wait for and the longest wait in milliseconds; 0 is no limit but the task's own.
fn selector_options(options: &Fields<'_>) -> Result<(SelectorState, u64), Invalid> {
    let state = match (options.flag("visible")?, options.flag("hidden")?) {
        (false, false) => SelectorState::Attached,
        (true, false) => SelectorState::Visible,
        (false, true) => SelectorState::Hidden,
        (true, true) => {
            return Err(
                options.invalid("hidden", "can't be true together with `visible`: send one")
            );
        }
    };
    let timeout = options.maybe("timeout", |field| field.whole(0..=LONGEST_MS))?;
    Ok((
        state,
        timeout.map_or(30_000, |ms| if ms == 0 { LONGEST_MS } else { ms }),
    ))
}

/// A selector; whether it is one in CSS's eyes, the browser says.
pub(super) fn selector(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?.trim();
    if text.is_empty() || text.len() > SELECTOR_LIMIT {
        return Err(field.unlike(&format!("a CSS selector of 1 to {SELECTOR_LIMIT} bytes")));
    }
    Ok(text.to_owned())
}

fn viewport(field: &Field<'_>) -> Result<Viewport, Invalid> {
    let fields = field.object()?;
    let side = |name| {
        fields.require(name, "a whole number of pixels from 1 to 10000", |field| {
            field.whole(1..=10_000_u32)
        })
    };
    let (width, height) = (side("width")?, side("height")?);
    let scale = fields.maybe("deviceScaleFactor", |field| field.number(0.1..=10.0))?;
    let scale = scale.unwrap_or(1.0);
    if f64::from(width) * f64::from(height) * scale * scale > MOST_PIXELS {
        return Err(field.invalid(
            "must have at most 100 million device pixels (`width` × `height` × `deviceScaleFactor`²)",
        ));
    }
    Ok(Viewport {
        width,
        height,
        device_scale_factor: scale,
        is_mobile: fields.flag("isMobile")?,
        has_touch: fields.flag("hasTouch")?,
        is_landscape: fields.flag("isLandscape")?,
    })
}

/// The zone's name as the list writes it.
fn time_zone(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    let mut names = TZ_VARIANTS.iter().map(|zone| zone.name());
    names
        .find(|name| name.eq_ignore_ascii_case(text))
        .map(str::to_owned)
        .ok_or_else(|| field.unlike("the name of an IANA time zone, such as `Europe/Rome`"))
}

/// Null is a wish of its own: no emulation.
fn media(fields: &Fields<'_>) -> Result<Option<Media>, Invalid> {
    if fields.is_null("emulateMediaType") {
        return Ok(Some(Media::Natural));
    }
    let words = &[("screen", Media::Screen), ("print", Media::Print)];
    fields.maybe("emulateMediaType", |field| {
        field
            .text()
            .map_err(|_| field.unlike("`screen`, `print` or null"))?;
        field.word(words)
    })
}
