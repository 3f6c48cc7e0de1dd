//! `platen render`: one file of one page, without a server, a database or an account.

mod page;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use common::egress;
use common::task::{
    ImageFormat, ImageOptions, Length, Output as Made, PageOptions, Paper, PdfOptions, Source,
    Task, Viewport,
};
use renderer::{Rendered, Renderer};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::output::Output;
use page::Page;

/// Options of `platen render`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A file on disk, or an http or https address
    page: String,
    /// The file to write; its extension decides what is made: .pdf, .png, .jpg or .webp
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The sheet of a PDF
    #[arg(long, value_enum, default_value_t = Sheet::Letter)]
    paper: Sheet,
    /// Turn the sheet
    #[arg(long)]
    landscape: bool,
    /// Print background colours and pictures
    #[arg(long)]
    background: bool,
    /// The window of an image, in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "800x600", value_parser = parse_viewport)]
    viewport: Viewport,
    /// The longest time that the page may take
    #[arg(long, default_value = "30s", value_parser = common::duration::parse_positive)]
    timeout: Duration,
    #[command(flatten)]
    egress: egress::Config,
    #[command(flatten)]
    renderer: renderer::Config,
}

/// Usual sheets.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Sheet {
    Letter,
    Legal,
    A3,
    A4,
    A5,
}

impl Sheet {
    const fn size(self) -> Paper {
        let (width, height) = match self {
            Self::Letter => return Paper::LETTER,
            Self::Legal => (8.5, 14.0),
            Self::A3 => (11.7, 16.54),
            Self::A4 => (8.27, 11.7),
            Self::A5 => (5.83, 8.27),
        };
        Paper {
            width: Length::inches(width),
            height: Length::inches(height),
        }
    }
}

fn parse_viewport(text: &str) -> Result<Viewport, String> {
    let side = |text: &str| text.parse().ok().filter(|side| (1..=10_000).contains(side));
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)));
    let (width, height) =
        sides.ok_or("write WIDTHxHEIGHT in pixels, each 1 to 10000, such as 1280x800")?;
    Ok(Viewport {
        width,
        height,
        ..Viewport::default()
    })
}

/// Renders the page and writes the file, whole or not at all.
pub(crate) async fn run(options: Options, output: &Output) -> anyhow::Result<()> {
    let made = options.made()?;
    let page = Page::find(&options.page).await?;
    let policy = options.egress.policy().with(page.own_addresses().await?);
    let renderer = match &page {
        Page::File { folder, .. } => {
            Renderer::launch_with_folder(&options.renderer, policy, page::HOST, folder).await?
        }
        Page::Address(_) => Renderer::launch(&options.renderer, policy).await?,
    };
    let task = Task {
        source: Source::Url(page.url()?),
        page: PageOptions {
            viewport: Some(options.viewport),
            ..PageOptions::default()
        },
        output: made,
        preview: None,
        timeout: options.timeout,
    };
    let result = renderer.render(&task, None).await?;
    let bytes = write(result, &options.output).await?;
    let done = json!({ "output": options.output, "bytes": bytes });
    output.print(&done, |_| {
        format!("{} ({bytes} bytes)", options.output.display())
    })
}

impl Options {
    /// What the output's extension asks for.
    fn made(&self) -> anyhow::Result<Made> {
        let extension = self
            .output
            .extension()
            .map(|text| text.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let format = match extension.as_str() {
            "pdf" => return Ok(Made::Pdf(self.pdf())),
            "png" => ImageFormat::Png,
            "jpg" | "jpeg" => ImageFormat::Jpeg,
            "webp" => ImageFormat::WebP,
            _ => anyhow::bail!(
                "{} has no extension that says what to make; use .pdf, .png, .jpg or .webp",
                self.output.display()
            ),
        };
        Ok(Made::Image(ImageOptions {
            format,
            ..ImageOptions::default()
        }))
    }

    fn pdf(&self) -> PdfOptions {
        let side = Length::inches(0.4);
        PdfOptions {
            paper: self.paper.size(),
            landscape: self.landscape,
            prefer_css_page_size: true,
            margins: common::task::Margins {
                top: side,
                right: side,
                bottom: side,
                left: side,
            },
            print_background: self.background,
            ..PdfOptions::default()
        }
    }
}

/// Writes beside the place and renames, so that a reader never sees half of a file.
async fn write(mut result: Rendered, path: &Path) -> anyhow::Result<u64> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let context = || format!("{} can't be written", path.display());
    // As any program writes a file: the process's mask decides who may read it.
    let fresh = tempfile::Builder::new()
        .prefix(".platen-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(context)?;
    let mut file = tokio::fs::File::create(fresh.path())
        .await
        .with_context(context)?;
    let mut reader = result.spool.rewind().await?;
    loop {
        let piece = reader.next().await?;
        if piece.is_empty() {
            break;
        }
        file.write_all(&piece).await.with_context(context)?;
    }
    file.sync_all().await.with_context(context)?;
    fresh.persist(path).with_context(context)?;
    Ok(result.spool.size())
}
