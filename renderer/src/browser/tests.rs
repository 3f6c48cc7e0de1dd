//! Browsers come and go while pages are served.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use common::egress::Policy;

use crate::testing::{INVOICE, pdf, run};
use crate::{Config, Renderer};

/// Asserts that a renderer of this kind replaces its first browser while every job succeeds.
async fn replaces(config: Config) {
    let config = Config {
        browsers: NonZeroUsize::new(1),
        ..config
    };
    let renderer = Renderer::launch(&config, Policy::default()).await.unwrap();
    let page = renderer.page().await.unwrap();
    let first = page.browser().connection().clone();
    drop(page);
    for _ in 0..12 {
        renderer.render(&pdf(INVOICE), None).await.unwrap();
    }
    first.closed().await;
}

#[test]
fn a_browser_is_replaced_after_its_pages_and_above_its_memory() {
    run(async {
        let count = Config {
            recycle_after: 3,
            ..Config::default()
        };
        let memory = Config {
            recycle_memory: 1,
            ..Config::default()
        };
        tokio::join!(replaces(count), replaces(memory));
    });
}

#[test]
fn a_renderer_that_goes_takes_its_browsers_and_folders_along() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            temp_dir: Some(folder.path().to_owned()),
            ..Config::default()
        };
        let renderer = Renderer::launch(&config, Policy::default()).await.unwrap();
        let page = renderer.page().await.unwrap();
        let connection = page.browser().connection().clone();
        drop((page, renderer));
        connection.closed().await;
        let homes = || std::fs::read_dir(folder.path()).unwrap().count();
        while homes() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_renderer_is_ready_while_a_browser_is_up() {
    run(async {
        // A browser that can be started once.
        let folder = tempfile::tempdir().unwrap();
        let once = folder.path().join("headless");
        let first = crate::testing::renderer().await.page().await.unwrap();
        std::os::unix::fs::symlink(first.browser().binary(), &once).unwrap();
        let config = Config {
            browser: Some(once.clone()),
            browsers: NonZeroUsize::new(1),
            ..Config::default()
        };
        let renderer = Renderer::launch(&config, Policy::default()).await.unwrap();
        assert!(renderer.is_ready());
        let page = renderer.page().await.unwrap();
        std::fs::remove_file(&once).unwrap();
        page.browser().kill();
        while renderer.is_ready() {
            tokio::task::yield_now().await;
        }
        std::os::unix::fs::symlink(first.browser().binary(), &once).unwrap();
        renderer.render(&pdf(INVOICE), None).await.unwrap();
        assert!(renderer.is_ready());
    });
}

async fn refused(browser: &str) -> String {
    let config = Config {
        browser: Some(PathBuf::from(browser)),
        ..Config::default()
    };
    let refused = Renderer::launch(&config, Policy::default()).await;
    refused.unwrap_err().to_string()
}

#[test]
fn a_program_that_is_no_browser_is_told_at_once() {
    run(async {
        let missing = refused("/nowhere/chromium").await;
        assert!(missing.contains("--browser /nowhere/chromium"), "{missing}");
        let other = refused("/bin/ls").await;
        assert!(
            other.contains("/bin/ls") && other.contains("last words"),
            "{other}"
        );
    });
}
