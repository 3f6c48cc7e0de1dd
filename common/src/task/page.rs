//! How a page is loaded, and when it counts as ready.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::reader::Reader;

/// Everything that happens before a page is printed or photographed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageOptions {
    /// The event that ends loading.
    pub wait_until: WaitUntil,
    /// An element to wait for after loading.
    pub wait_for_selector: Option<SelectorWait>,
    /// What to wait for in frames.
    pub frames: FrameWait,
    /// Scroll to the bottom first, so that lazy content loads.
    pub auto_scroll: bool,
    /// Pause between readiness and capture.
    pub delay: Duration,
    /// Window size; `None` means 800 × 600 at a device scale of 1.
    pub viewport: Option<Viewport>,
    /// An IANA time zone that the page sees, checked against the list.
    pub time_zone: Option<String>,
    /// CSS media; `None` leaves the default of the output (print for PDF, screen for images).
    pub media: Option<Media>,
    /// Credentials sent to the page's own origin only.
    pub basic: Option<Basic>,
    /// Set before navigation.
    pub cookies: Vec<Cookie>,
    /// Request headers that the page's own origin gets, and no other.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// What the page is told about its reader, beside time zone and media.
    #[serde(default)]
    pub reader: Reader,
    /// What makes the job fail, although the page could be shown.
    #[serde(default)]
    pub fail_on: FailOn,
    /// Rather an incomplete result than none: what is still awaited after two thirds of the time is given up.
    #[serde(default)]
    pub best_effort: bool,
}

/// What makes a job fail, although its page could be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailOn {
    /// The page itself was answered with a status of 400 or more.
    pub main_status: bool,
    /// Something that the page asked for failed, or was answered with such a status.
    pub failed_resources: bool,
    /// An error on the page's console, or an exception that nobody caught.
    pub console_errors: bool,
}

/// A request header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its name, which the browser and the proxy leave to callers.
    pub name: String,
    /// Its value, visible ASCII, spaces and tabs.
    pub value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The event that ends loading. "Idle" is 500 ms of (almost) no requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitUntil {
    /// The `load` event.
    #[default]
    Load,
    /// The `DOMContentLoaded` event.
    DomContentLoaded,
    /// No request in flight for 500 ms (`networkidle0`).
    NetworkIdle,
    /// At most two requests in flight for 500 ms (`networkidle2`).
    NetworkAlmostIdle,
}

/// An element to wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectorWait {
    /// A CSS selector.
    pub selector: String,
    /// What the element must be.
    pub state: SelectorState,
    /// The longest wait; the task's own deadline still holds.
    pub timeout: Duration,
}

/// What a selector waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectorState {
    /// In the document.
    #[default]
    Attached,
    /// In the document, with a box, not hidden by style.
    Visible,
    /// Absent, or without a visible box.
    Hidden,
}

/// What to wait for in the page's iframes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameWait {
    /// Wait until an iframe is there and all of them have loaded.
    pub loaded: bool,
    /// Wait until an iframe is attached.
    pub attached: bool,
    /// Wait until the first iframe has reached this event.
    pub navigation: Option<WaitUntil>,
    /// Wait until the images of all iframes have loaded.
    pub images: bool,
    /// Wait for an element inside an iframe.
    pub selector: Option<SelectorWait>,
}

/// The window that a page is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Viewport {
    /// CSS pixels, 1 to 10,000.
    pub width: u32,
    /// CSS pixels, 1 to 10,000.
    pub height: u32,
    /// Device pixels per CSS pixel, 0.1 to 10; `width × height × scale²` is at most 100 million.
    pub device_scale_factor: f64,
    /// Obey the viewport meta tag and use overlay scroll bars.
    pub is_mobile: bool,
    /// Touch events.
    pub has_touch: bool,
    /// Landscape orientation of the screen.
    pub is_landscape: bool,
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            width: 800,
            height: 600,
            device_scale_factor: 1.0,
            is_mobile: false,
            has_touch: false,
            is_landscape: false,
        }
    }
}

/// CSS media to emulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// `screen`.
    Screen,
    /// `print`.
    Print,
    /// No emulation: what the browser does by itself (an explicit `null`).
    Natural,
}

/// HTTP Basic credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basic {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Basic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basic(..)")
    }
}

/// A cookie that is set before navigation.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Cookie {
    /// Its name, not empty.
    pub name: String,
    /// Its value, not empty.
    pub value: String,
    /// The address that it belongs to; `None` means the page's own.
    pub url: Option<String>,
    /// Its domain; `None` means the page's host without subdomains.
    pub domain: Option<String>,
    /// Its path.
    pub path: Option<String>,
    /// When it ends, Unix seconds.
    pub expires: Option<f64>,
    /// Out of reach of scripts.
    pub http_only: Option<bool>,
    /// Sent over https only.
    pub secure: Option<bool>,
    /// When it is sent along from other sites.
    pub same_site: Option<SameSite>,
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A cookie's same-site rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameSite {
    /// Never from another site.
    Strict,
    /// From another site only by top-level navigation.
    Lax,
    /// Always; browsers want `secure` with it.
    None,
}
