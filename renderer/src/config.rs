//! The renderer's options.

mod lanes;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use common::egress::Policy;
use common::job::Lane;

use crate::browser::{Network, Options};
use crate::models::BACKGROUND;

pub use self::lanes::InvalidLanes;

/// The renderer's options, on the command line or as `PLATEN_…` variables.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Config {
    /// Which work is taken: `browser` (pages), `native` (pictures from layers) and `office` (files, by
    /// LibreOffice), with commas between; only what that needs is started
    #[arg(
        long,
        env = "PLATEN_LANES",
        value_name = "LANE",
        value_delimiter = ',',
        value_parser = lanes::parse,
        default_values = ["browser", "native"]
    )]
    pub lanes: Vec<Lane>,
    /// The browser's program; without it the first installed of chromium-headless-shell and chromium
    #[arg(long, env = "PLATEN_BROWSER", value_name = "PATH")]
    pub browser: Option<PathBuf>,
    /// Jobs rendered at the same time; without it two for each core
    #[arg(long, env = "PLATEN_SLOTS", value_name = "N")]
    pub slots: Option<NonZeroUsize>,
    /// Browser processes; without it one for every two slots
    #[arg(long, env = "PLATEN_BROWSERS", value_name = "N")]
    pub browsers: Option<NonZeroUsize>,
    /// Run browsers without their own sandbox; always so as root
    #[arg(long, env = "PLATEN_NO_SANDBOX")]
    pub no_sandbox: bool,
    /// Replace a browser after this number of pages
    #[arg(long, env = "PLATEN_RECYCLE_AFTER", value_name = "N", default_value_t = RECYCLE_AFTER)]
    pub recycle_after: u32,
    /// Replace a browser after this time
    #[arg(long, env = "PLATEN_RECYCLE_AGE", value_name = "TIME", default_value = "1h", value_parser = common::duration::parse_positive)]
    pub recycle_age: Duration,
    /// Replace a browser that holds more than this, in MiB
    #[arg(long, env = "PLATEN_RECYCLE_MEMORY", value_name = "MIB", default_value_t = RECYCLE_MEMORY)]
    pub recycle_memory: u32,
    /// Pictures painted from layers at the same time; without it one for each core
    #[arg(long, env = "PLATEN_NATIVE_SLOTS", value_name = "N")]
    pub native_slots: Option<NonZeroUsize>,
    /// Files converted at the same time; without it one for every two cores
    #[arg(long, env = "PLATEN_OFFICE_SLOTS", value_name = "N")]
    pub office_slots: Option<NonZeroUsize>,
    /// LibreOffice's program; without it the one that is installed
    #[arg(long, env = "PLATEN_OFFICE", value_name = "PATH")]
    pub office: Option<PathBuf>,
    /// A folder of fonts for pictures painted from layers, besides those of the system; repeatable
    #[arg(
        long = "fonts",
        env = "PLATEN_FONTS",
        value_name = "DIR",
        value_delimiter = ','
    )]
    pub fonts: Vec<PathBuf>,
    /// A folder of models: background.onnx removes backgrounds, faces.onnx keeps faces where pictures are cropped; docs/services.md says which fit
    #[arg(long, env = "PLATEN_MODEL_DIR", value_name = "DIR")]
    pub model_dir: Option<PathBuf>,
    /// Where browsers and LibreOffice keep temporary files; without it the system's folder
    #[arg(long, env = "PLATEN_TEMP_DIR", value_name = "DIR")]
    pub temp_dir: Option<PathBuf>,
    /// Keep a picture of what the browser showed when a page's job failed, for as long as its result would have been kept
    #[arg(long, env = "PLATEN_FAILURE_SCREENSHOT")]
    pub failure_screenshot: bool,
    /// How often to look for a job that has crashed renderers, to do it with nothing else in hand; RabbitMQ only
    #[arg(long, env = "PLATEN_QUARANTINE_EVERY", value_name = "TIME", default_value = "10s", value_parser = common::duration::parse_positive)]
    pub quarantine_every: Duration,
}

const RECYCLE_AFTER: u32 = 200;
const RECYCLE_AGE: Duration = Duration::from_hours(1);
const RECYCLE_MEMORY: u32 = 1024;
const QUARANTINE_EVERY: Duration = Duration::from_secs(10);

impl Default for Config {
    fn default() -> Self {
        Self {
            lanes: vec![Lane::Browser, Lane::Native],
            browser: None,
            slots: None,
            browsers: None,
            no_sandbox: false,
            recycle_after: RECYCLE_AFTER,
            recycle_age: RECYCLE_AGE,
            recycle_memory: RECYCLE_MEMORY,
            native_slots: None,
            office_slots: None,
            office: None,
            fonts: Vec::new(),
            model_dir: None,
            temp_dir: None,
            failure_screenshot: false,
            quarantine_every: QUARANTINE_EVERY,
        }
    }
}

impl Config {
    /// The lanes that are served; complains about those that can't be.
    pub fn served(&self) -> Result<BTreeSet<Lane>, InvalidLanes> {
        lanes::check(&self.lanes)
    }

    /// Jobs rendered at the same time.
    pub fn slots(&self) -> usize {
        // A page waits for the network most of its time, if it is on one.
        self.slots
            .map_or_else(|| cores().get() * 2, NonZeroUsize::get)
    }

    /// Pictures painted at the same time.
    pub fn native_slots(&self) -> usize {
        self.native_slots.unwrap_or_else(cores).get()
    }

    /// Files converted at the same time.
    pub fn office_slots(&self) -> usize {
        self.office_slots
            .map_or_else(|| cores().get().div_ceil(2), NonZeroUsize::get)
    }

    /// Whether it has a model that removes backgrounds, if that is right.
    pub fn removes_backgrounds(&self) -> bool {
        let model = self
            .model_dir
            .as_ref()
            .map(|folder| folder.join(BACKGROUND));
        model.is_some_and(|model| model.exists())
    }

    pub(crate) fn temp_dir(&self) -> PathBuf {
        self.temp_dir.clone().unwrap_or_else(std::env::temp_dir)
    }

    /// How browsers are started, with what their pages may reach.
    pub fn options(&self, policy: Policy) -> Options {
        let slots = self.slots();
        let browsers = self.browsers.map_or(slots.div_ceil(2), NonZeroUsize::get);
        Options {
            binary: self.browser.clone(),
            no_sandbox: self.no_sandbox,
            browsers,
            ready_pages: slots,
            recycle_after: self.recycle_after.max(1),
            recycle_age: self.recycle_age,
            recycle_memory: u64::from(self.recycle_memory) * 1024 * 1024,
            network: Network {
                policy,
                folder: None,
            },
        }
    }
}

fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_default_is_what_an_empty_command_line_gives() {
        let parsed = Line::parse_from(["platen"]).config;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn lanes_are_named_with_commas_between_them() {
        let served = |lanes| Line::try_parse_from(["platen", "--lanes", lanes]);
        let lanes = |text| served(text).unwrap().config.lanes;
        assert_eq!(lanes("native"), [Lane::Native]);
        assert_eq!(lanes("native,browser"), [Lane::Native, Lane::Browser]);
        assert_eq!(lanes("office"), [Lane::Office]);
        for nothing in ["", "native,", "bowser"] {
            assert!(served(nothing).is_err(), "{nothing:?}");
        }
    }
}
