//! The floor: the renderer's own DevTools session, a fresh context per document, and nothing else; no
//! proxy, no waits beyond `load`, no storage.

use std::time::Instant;

use anyhow::Context as _;
use common::egress::Policy;
use headless_chrome::protocol::cdp::{IO, Page, Target};
use renderer::Config;
use renderer::browser::{Browser, Profiles};
use renderer::cdp::Session;
use serde::Deserialize;
use tempfile::TempDir;

use crate::sample::Sample;

/// A browser process driven by the bare session.
pub struct Floor {
    browser: Browser,
    // Kept for as long as the browser uses it.
    _folder: TempDir,
}

#[derive(Deserialize)]
struct Lifecycle {
    name: String,
}

impl Floor {
    /// Starts the browser.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let profiles = Profiles::new(folder.path())?;
        let browser =
            Browser::launch(&Config::default().options(Policy::default()), &profiles).await?;
        Ok(Self {
            browser,
            _folder: folder,
        })
    }

    /// Which program it is.
    pub fn binary(&self) -> String {
        self.browser.binary().display().to_string()
    }

    /// Prints `documents` documents on `pages` pages at a time.
    pub async fn round(
        &self,
        html: &str,
        pages: usize,
        documents: usize,
        into: &mut Sample,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let latencies = crate::clients::run(pages, documents, || self.one(html)).await?;
        into.add(latencies, started.elapsed());
        Ok(())
    }

    async fn one(&self, html: &str) -> anyhow::Result<()> {
        let connection = self.browser.connection();
        let context = connection
            .call(Target::CreateBrowserContext {
                dispose_on_detach: Some(true),
                proxy_server: None,
                proxy_bypass_list: None,
                origins_with_universal_network_access: None,
            })
            .await?
            .browser_context_id;
        let target = connection.call(create_target(&context)).await?.target_id;
        let attach = Target::AttachToTarget {
            target_id: target.clone(),
            flatten: Some(true),
        };
        let id = connection.call(attach).await?.session_id;
        let (session, mut events) = connection.session(id);
        session
            .call(Page::Enable {
                enable_file_chooser_opened_event: None,
            })
            .await?;
        session
            .call(Page::SetLifecycleEventsEnabled { enabled: true })
            .await?;
        session
            .call(Page::SetDocumentContent {
                frame_id: target,
                html: html.to_owned(),
            })
            .await?;
        loop {
            let event = events.recv().await.context("the browser has ended")?;
            if event.method == "Page.lifecycleEvent" && event.params::<Lifecycle>()?.name == "load"
            {
                break;
            }
        }
        print(&session).await?;
        session.forget();
        connection
            .call(Target::DisposeBrowserContext {
                browser_context_id: context,
            })
            .await?;
        Ok(())
    }
}

async fn print(session: &Session) -> anyhow::Result<()> {
    let printed = session
        .call(Page::PrintToPDF {
            transfer_mode: Some(Page::PrintToPDFTransfer_modeOption::ReturnAsStream),
            generate_tagged_pdf: Some(false),
            landscape: None,
            display_header_footer: None,
            print_background: None,
            scale: None,
            paper_width: None,
            paper_height: None,
            margin_top: None,
            margin_bottom: None,
            margin_left: None,
            margin_right: None,
            page_ranges: None,
            header_template: None,
            footer_template: None,
            prefer_css_page_size: None,
            generate_document_outline: None,
        })
        .await?;
    let handle = printed.stream.context("no stream")?;
    let mut bytes = 0;
    loop {
        let piece = session
            .call(IO::Read {
                handle: handle.clone(),
                offset: None,
                size: Some(1 << 20),
            })
            .await?;
        bytes += piece.data.len();
        if piece.eof {
            break;
        }
    }
    anyhow::ensure!(bytes > 1000, "a PDF of {bytes} bytes is none");
    session.call(IO::Close { handle }).await?;
    Ok(())
}

fn create_target(context: &str) -> Target::CreateTarget {
    Target::CreateTarget {
        url: "about:blank".to_owned(),
        left: None,
        top: None,
        width: None,
        height: None,
        window_state: None,
        browser_context_id: Some(context.to_owned()),
        enable_begin_frame_control: None,
        new_window: None,
        background: None,
        for_tab: None,
        hidden: None,
    }
}
