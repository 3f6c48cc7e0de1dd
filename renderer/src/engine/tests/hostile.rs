//! Pages that would take a browser down, each followed by an ordinary job in ordinary time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use common::clock::Clock;
use common::job::{FailureKind, Lane};
use common::task::{Banner, BannerSource, Output, WaitUntil};
use headless_chrome::protocol::cdp::{Browser, Page, Target};

use crate::notes::Notes;
use crate::{Config, Renderer};
use common::egress::Policy;

use super::{fails, the_next_job_is_normal, with};
use crate::testing::{html, info, pdf, pdf_of, render, renderer, run, serve, text};

#[test]
fn dialogs_are_answered() {
    run(async {
        let page = "<script>alert(1); window.answer = confirm('?'); prompt('!');
            onbeforeunload = event => { event.preventDefault(); return 'stay'; }</script><p>after</p>
            <script>document.write(answer)</script>";
        let made = text(&render(&pdf(page)).await.unwrap()).await;
        assert!(made.contains("after") && made.contains("false"), "{made}");
        the_next_job_is_normal().await;
    });
}

#[test]
fn an_endless_script_ends_at_the_deadline() {
    run(async {
        for page in [
            "<script>for (;;) {}</script>",
            "<script>onload = () => { for (;;) {} }</script>",
            "<script>const f = () => { Promise.resolve().then(f) }; f()</script>",
            "<script>for (;;) alert(1)</script>",
        ] {
            let task = with(pdf(page), |task| task.timeout = Duration::from_secs(1));
            fails(
                &task,
                FailureKind::Timeout,
                &["Timeout: page took longer than 1000ms to load"],
            )
            .await;
            the_next_job_is_normal().await;
        }
    });
}

#[test]
fn popups_do_not_stay() {
    run(async {
        let page = "<script>for (let i = 0; i < 5; i++) open('about:blank', '_blank', 'popup,width=100,height=100,left=' + i)</script>opened";
        assert!(
            text(&render(&pdf(page)).await.unwrap())
                .await
                .contains("opened")
        );
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_page_that_closes_itself_says_so_or_is_kept() {
    run(async {
        let closing = render(&pdf("<script>window.close()</script>kept")).await;
        match closing {
            Ok(made) => assert!(text(&made).await.contains("kept")),
            Err(failure) => assert_eq!(failure.kind, FailureKind::Rendering, "{failure}"),
        }
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_crashed_page_is_an_error_and_takes_nobody_along() {
    run(async {
        let page = renderer().await.page().await.unwrap();
        let neighbour = renderer().await.page().await.unwrap();
        page.session().tell(&Page::Crash(None)).unwrap();
        let mut spool = crate::Spool::new(&std::env::temp_dir());
        let task = pdf("<p>never</p>");
        let content = crate::page::Content::Html("<p>never</p>");
        let notes = Notes::new(Lane::Browser, Clock::system(), tracing::Span::none());
        let failure = page
            .run(&task, content, &mut spool, &notes)
            .await
            .unwrap_err();
        assert!(
            failure
                .to_string()
                .starts_with("Rendering: the page crashed"),
            "{failure}"
        );
        assert!(page.is_gone() && !page.browser().is_gone());
        neighbour
            .run(&task, content, &mut spool, &notes)
            .await
            .unwrap();
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_memory_eater_crashes_alone() {
    run(async {
        let page = "<script>const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))</script>";
        let failure = render(&pdf(page)).await.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Rendering | FailureKind::Timeout),
            "{failure}"
        );
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_dead_browser_is_replaced_and_its_job_done_again() {
    run(async {
        let config = Config {
            browsers: NonZeroUsize::new(1),
            ..Config::default()
        };
        let renderer = &Renderer::launch(&config, Policy::default()).await.unwrap();
        let task = with(pdf("<p>done"), |task| {
            task.page.delay = Duration::from_millis(700);
        });
        let job = renderer.render(&task, None);
        let murder = async {
            let page = renderer.page().await.unwrap();
            let gone = page.browser().connection().call(Browser::Crash(None)).await;
            assert!(gone.is_err());
        };
        let (job, ()) = tokio::join!(job, murder);
        for job in [job, renderer.render(&pdf("<p>done"), None).await] {
            let made = job.unwrap().spool.into_bytes().await.unwrap();
            assert!(text(&made).await.contains("done"));
        }
    });
}

#[test]
fn a_header_that_loads_a_style_sheet_harms_its_own_job_at_most() {
    run(async {
        for header in [
            "<style>@import url(http://127.0.0.1/a.css)</style>x",
            "<link rel=stylesheet href=http://127.0.0.1/a.css>x",
        ] {
            let task = with(pdf("body"), |task| {
                if let Output::Pdf(options) = &mut task.output {
                    options.header = Some(Banner {
                        source: BannerSource::Template(header.into()),
                        margin: None,
                        style: BTreeMap::new(),
                        image_style: BTreeMap::new(),
                    });
                }
            });
            if let Err(failure) = render(&task).await {
                assert_eq!(failure.kind, FailureKind::Rendering, "{failure}");
            }
            the_next_job_is_normal().await;
        }
    });
}

#[test]
fn three_hundred_pages_are_printed() {
    run(async {
        let pages = "<p style=\'break-after:page\'>page</p>".repeat(300);
        let made = render(&pdf(&pages)).await.unwrap();
        let said = info(&made).await;
        assert!(
            said.lines()
                .any(|line| line.starts_with("Pages:") && line.contains("30")),
            "{said}"
        );
        the_next_job_is_normal().await;
    });
}

#[test]
fn ten_megabytes_of_html_are_printed() {
    run(async {
        let html = format!("<p>begin</p><!--{}--><p>end</p>", "\"<é".repeat(2_600_000));
        let made = text(&render(&pdf(&html)).await.unwrap()).await;
        assert!(made.contains("begin") && made.contains("end"), "{made}");
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_page_that_never_stops_preparing_to_be_printed_ends_at_the_deadline() {
    run(async {
        let task = with(
            pdf("<script>onbeforeprint = () => { for (;;) {} }</script>"),
            |task| {
                task.timeout = Duration::from_secs(1);
            },
        );
        fails(&task, FailureKind::Timeout, &["1000ms"]).await;
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_page_that_polls_for_ever_is_never_idle() {
    run(async {
        let server =
            serve(|_| html("<script>setInterval(() => fetch('/'), 100)</script>polling")).await;
        let task = with(pdf_of(&format!("http://{server}/")), |task| {
            task.timeout = Duration::from_secs(2);
            task.page.wait_until = WaitUntil::NetworkIdle;
        });
        fails(&task, FailureKind::Timeout, &["2000ms"]).await;
        let almost = with(task, |task| {
            task.page.wait_until = WaitUntil::NetworkAlmostIdle;
        });
        assert!(
            text(&render(&almost).await.unwrap())
                .await
                .contains("polling")
        );
        the_next_job_is_normal().await;
    });
}

#[test]
fn a_flood_of_frames_is_cut_off_or_printed() {
    run(async {
        let page = "<script>const f = () => { for (let i = 0; i < 200; i++) { const e = document.createElement('iframe'); document.documentElement.append(e); e.remove(); } setTimeout(f) }; f()</script>";
        let task = with(pdf(page), |task| task.timeout = Duration::from_secs(3));
        let ended = render(&task).await;
        assert!(ended.is_ok() || ended.is_err_and(|failure| failure.kind != FailureKind::Internal));
        the_next_job_is_normal().await;
    });
}

#[test]
fn every_page_is_gone_after_its_job() {
    run(async {
        let page = renderer().await.page().await.unwrap();
        let browser = page.browser().clone();
        drop(page);
        for _ in 0..5 {
            render(&pdf("x")).await.unwrap();
        }
        // What stays is what waits for jobs: the spares and the one in each tender's hand.
        let most = 6;
        loop {
            let targets = browser
                .connection()
                .call(Target::GetTargets { filter: None })
                .await
                .unwrap();
            let pages = targets
                .target_infos
                .iter()
                .filter(|target| target.Type == "page")
                .count();
            if pages <= most {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
}
