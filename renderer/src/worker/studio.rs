//! What pictures are painted and PDFs joined with: fonts, models, threads, a folder for files, and a client that
//! fetches what they are made of.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use common::egress::Policy;
use common::fetch::Client;
use common::job::{FailureKind, Phase};
use common::task::Canvas;
use tokio::time::Instant;

use super::canvas::{Hosts, too_long};
use super::threads::Threads;
use crate::browser::Profiles;
use crate::join::qpdf;
use crate::models::Models;
use crate::native::{Files, Fonts, Limits, PaintError, apart, paint};
use crate::notes::Notes;
use crate::{Config, Failure};

/// How this installation names itself to the hosts of files.
pub(crate) const USER_AGENT: &str = concat!("Platen/", env!("CARGO_PKG_VERSION"));

/// The painter and its tools.
#[derive(Debug)]
pub(crate) struct Studio {
    fonts: Arc<Fonts>,
    models: Arc<Models>,
    /// Where they were read.
    model_dir: Option<PathBuf>,
    limits: Limits,
    threads: Threads,
    /// Where files are while they are worked on.
    home: Profiles,
    pub(super) client: Client,
    /// Which hosts let their pictures be fetched.
    pub(super) hosts: Hosts,
}

impl Studio {
    /// Starts the threads, and reads the fonts and the models; a model that does not fit is an error.
    pub(crate) async fn open(config: &Config, policy: &Policy) -> anyhow::Result<Self> {
        let threads = Threads::start("painter", config.native_slots())
            .context("the painter's threads can't be started")?;
        let folders = config.fonts.clone();
        let fonts = threads.run(move || Fonts::load(&folders)).await;
        let fonts = fonts.context("the fonts can't be read")?;
        tracing::debug!(families = fonts.families(), "read the fonts");
        if !qpdf::is_installed().await {
            tracing::warn!(
                "qpdf is not installed (Debian: apt-get install qpdf), and PDFs can't be merged without it"
            );
        }
        let models = match config.model_dir.clone() {
            Some(folder) => {
                let models = threads.run(move || Models::load(&folder)).await;
                models.context("the models can't be tried")??
            }
            None => Models::default(),
        };
        Ok(Self {
            fonts: Arc::new(fonts),
            models: Arc::new(models),
            model_dir: config.model_dir.clone(),
            limits: Limits::default(),
            threads,
            home: Profiles::new(&config.temp_dir()).context("files can't be kept")?,
            client: Client::new(policy, USER_AGENT).context("make the client for files")?,
            hosts: Hosts::default(),
        })
    }

    /// Where files are while they are worked on.
    pub(super) fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Paints a canvas whose files have been fetched. The time ends the work itself too: its thread would
    /// go on for long after nobody waits for it.
    pub(super) async fn paint(
        &self,
        canvas: Canvas,
        files: Files,
        until: Instant,
        notes: &Notes,
    ) -> Result<Bytes, Failure> {
        let (fonts, models) = (Arc::clone(&self.fonts), Arc::clone(&self.models));
        let limits = Limits {
            until: Some(until.into_std()),
            ..self.limits.clone()
        };
        let notes = notes.clone();
        let models_of = self.model_dir.clone();
        let painting = self.threads.run(move || {
            if !canvas.fonts.is_empty() {
                let _in_phase = notes.begin(Phase::Print);
                return apart::painted(canvas, &files, &fonts, models_of.as_deref(), &limits);
            }
            let in_phase = notes.begin(Phase::Print);
            let painted = paint(&canvas, &files, &fonts, &models, &limits)?;
            drop(in_phase);
            let _in_phase = notes.begin(Phase::PostProcess);
            painted.encode()
        });
        let painted = painting
            .await
            .ok_or_else(|| Failure::internal("the painter failed on this picture"))?;
        painted.map(Bytes::from).map_err(|error| {
            if let PaintError::NoModel { .. } = error {
                tracing::warn!(
                    "a gateway has --features models, but this renderer no model that removes backgrounds"
                );
            }
            if let PaintError::Late = error {
                return too_long();
            }
            if error.is_callers() {
                return Failure {
                    kind: FailureKind::Rendering,
                    message: error.to_string(),
                };
            }
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "a picture could not be painted");
            Failure::internal("the picture could not be painted")
        })
    }
}

#[cfg(test)]
mod tests {
    use common::clock::Clock;
    use common::job::Lane;
    use common::task::CANVAS_TIMEOUT;
    use common::task::layers::{CanvasSize, Color, Content, Corners, Layer, PictureFormat, Solid};

    use super::*;

    #[tokio::test]
    async fn a_picture_that_is_late_is_given_up_with_the_words_of_its_timeout() {
        let (config, policy) = (Config::default(), Policy::default());
        let studio = Studio::open(&config, &policy).await.unwrap();
        let white = Content::Solid(Solid {
            color: Color::WHITE,
            corners: Corners::default(),
            angled_edges: Vec::new(),
        });
        let canvas = Canvas {
            size: CanvasSize::new(9, 9).unwrap(),
            format: PictureFormat::Png,
            layers: vec![Layer::new(white)],
            fonts: Vec::new(),
        };
        let notes = Notes::new(Lane::Native, Clock::system(), tracing::Span::none());
        let paint = |until| studio.paint(canvas.clone(), Files::default(), until, &notes);
        let failure = paint(Instant::now()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout);
        let words = "the picture took longer than";
        assert!(failure.message.starts_with(words), "{}", failure.message);
        paint(Instant::now() + CANVAS_TIMEOUT).await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_for_files_is_made_and_what_a_killed_renderer_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = folder.path().join("not/there");
        let config = Config {
            temp_dir: Some(temporary.clone()),
            ..Config::default()
        };
        let policy = Policy::default();
        let open = || Studio::open(&config, &policy);
        let studio = open().await.unwrap();
        assert!(studio.folder().starts_with(&temporary) && studio.folder().is_dir());
        let left = temporary.join("platen-browsers-left");
        std::fs::create_dir_all(left.join("merge")).unwrap();
        std::fs::write(left.join("lock"), "").unwrap();
        std::fs::write(left.join("merge/plain-0.pdf"), "").unwrap();
        let next = open().await.unwrap();
        assert!(!left.exists() && studio.folder().is_dir() && next.folder().is_dir());
    }
}
