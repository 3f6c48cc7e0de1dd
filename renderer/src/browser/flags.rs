//! The switches that a browser is started with, each for a reason.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The window that a page gets when its job names no viewport: 800 × 600.
const WINDOW: &str = "--window-size=800,600";

const FLAGS: &[&str] = &[
    "--remote-debugging-pipe",
    WINDOW,
    // Nothing leaves the machine but what a page asks for, and that through the proxy alone.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--metrics-recording-only",
    "--disable-client-side-phishing-detection",
    "--disable-quic",
    // The full browser knows the first name, the headless shell the second one only.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    // A page without a proxy of its own must reach nothing: port 1 answers nobody.
    "--proxy-server=http://127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // A page in the background works as fast as one in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-ipc-flooding-protection",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    // Crash reports go nowhere; a crash is seen on the pipe.
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--force-color-profile=srgb",
    // Glyphs keep their printed widths on the screen.
    "--font-render-hinting=none",
    // A page that eats memory ends as a crash of its own, not of the machine.
    "--js-flags=--max-old-space-size=1024",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AcceptCHFrame,HttpsUpgrades,PaintHolding",
];

/// All switches of a process.
pub(super) fn all(profile: &Path, full: bool, no_sandbox: bool) -> Vec<String> {
    let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    if full {
        flags.push("--headless".to_owned());
    }
    if no_sandbox || is_root() {
        flags.push("--no-sandbox".to_owned());
    }
    flags
}

/// Whether this process runs as root, as which Chromium refuses to sandbox itself.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
