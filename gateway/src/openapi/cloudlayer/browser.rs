//! How a page is loaded, and when it counts as ready.

use serde::Serialize;
use utoipa::ToSchema;

/// How a page is loaded, and when it counts as ready.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Browser {
    /// The event that ends loading; `networkidle2` for a `url` and `load` for `html` where nothing is said.
    wait_until: Option<WaitUntil>,
    /// An element to wait for.
    wait_for_selector: Option<SelectorWait>,
    /// Wait until every frame has loaded.
    #[schema(default = false)]
    wait_for_frame: Option<bool>,
    /// Wait until a frame is attached.
    #[schema(default = false)]
    wait_for_frame_attachment: Option<bool>,
    /// Wait until a frame has gone somewhere: an event, or true for `load`.
    wait_for_frame_navigation: Option<FrameNavigation>,
    /// Wait until the images in frames have loaded.
    #[schema(default = false)]
    wait_for_frame_images: Option<bool>,
    /// An element in any frame to wait for.
    wait_for_frame_selector: Option<SelectorWait>,
    /// Scroll to the end first, so that what loads late is there.
    #[schema(default = false)]
    auto_scroll: Option<bool>,
    /// How long to wait once all else is ready, in milliseconds.
    #[schema(minimum = 0, maximum = 300_000, default = 0)]
    delay: Option<u32>,
    /// The window.
    view_port: Option<ViewPort>,
    /// The name of an IANA time zone, which the page believes to be in.
    #[schema(example = "Europe/Rome")]
    time_zone: Option<String>,
    /// The media type of the page's style sheets; null for what the browser does by itself.
    emulate_media_type: Option<MediaType>,
    /// An extension of Platen: the colours that the page's reader prefers.
    color_scheme: Option<ColorScheme>,
    /// An extension of Platen: the language of the page's reader, such as `de-DE`: what the browser asks servers for, and how
    /// scripts write numbers and dates.
    #[schema(
        max_length = 35,
        pattern = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        example = "de-DE"
    )]
    locale: Option<String>,
    /// An extension of Platen: faults of the page that fail the job, which is refunded; none where nothing is said.
    #[schema(max_items = 3, example = json!(["mainStatus"]))]
    fail_on: Option<Vec<Fault>>,
    /// An extension of Platen: take what there is when the page does not become ready in time, and leave out what hangs.
    #[schema(default = false)]
    best_effort: Option<bool>,
}

/// The colours that a reader prefers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ColorScheme {
    /// Dark letters on light paper.
    Light,
    /// Light letters on dark paper.
    Dark,
}

/// A fault of a page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Fault {
    /// The page itself was answered with 400 or more.
    MainStatus,
    /// Something that the page needs was not there.
    FailedResources,
    /// The page complained on its console, or a script broke off.
    ConsoleErrors,
}

/// An event that ends loading.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum WaitUntil {
    /// The page and what it needs is there.
    Load,
    /// The page itself is there.
    DomContentLoaded,
    /// No request for half a second.
    NetworkIdle0,
    /// At most two requests for half a second.
    NetworkIdle2,
}

/// An event, or true for `load`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum FrameNavigation {
    /// True for `load`.
    Flag(bool),
    /// The event.
    Event(WaitUntil),
}

/// An element to wait for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "selector": "#ready" }))]
pub(super) struct SelectorWait {
    /// A CSS selector.
    #[schema(min_length = 1, max_length = 1024)]
    selector: String,
    /// What to wait for; that it is there, where nothing is said.
    options: Option<SelectorOptions>,
}

/// What to wait for; not `visible` and `hidden` together.
#[derive(Serialize, ToSchema)]
pub(super) struct SelectorOptions {
    /// That it can be seen.
    #[schema(default = false)]
    visible: Option<bool>,
    /// That it is gone, or can't be seen.
    #[schema(default = false)]
    hidden: Option<bool>,
    /// The longest wait, in milliseconds; 0 for that of the job.
    #[schema(minimum = 0, maximum = 300_000, default = 30_000)]
    timeout: Option<u32>,
}

/// The window. At most 100 million device pixels: width × height × scale².
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViewPort {
    /// In CSS pixels.
    #[schema(minimum = 1, maximum = 10_000)]
    width: u32,
    /// In CSS pixels.
    #[schema(minimum = 1, maximum = 10_000)]
    height: u32,
    /// Device pixels to a CSS pixel.
    #[schema(minimum = 0.1, maximum = 10, default = 1)]
    device_scale_factor: Option<f64>,
    /// Behave as a phone.
    #[schema(default = false)]
    is_mobile: Option<bool>,
    /// Say that there is a touch screen.
    #[schema(default = false)]
    has_touch: Option<bool>,
    /// Say that the screen lies on its side.
    #[schema(default = false)]
    is_landscape: Option<bool>,
}

/// A media type of style sheets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum MediaType {
    /// As on a screen.
    Screen,
    /// As on paper.
    Print,
}
