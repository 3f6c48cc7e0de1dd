//! What is noted of a run: its phases, what its page complained of, what it last showed.

use std::time::Duration;

use common::clock::Clock;
use common::egress::Policy;
use common::job::{FailureKind, Lane, Phase};
use common::report::{Complaint, FailedRequest, Report};
use common::task::{SelectorState, SelectorWait, Task};
use tokio::net::TcpListener;

use super::with;
use crate::notes::Notes;
use crate::testing::{INVOICE, html, image, pdf, pdf_of, renderer, response, run, serve};
use crate::{Config, Failure, Renderer};

async fn noted(task: &Task) -> (Result<(), Failure>, Report) {
    let notes = Notes::new(Lane::Browser, Clock::system(), tracing::Span::none());
    let rendered = renderer().await.render_noting(task, None, &notes).await;
    (rendered.map(drop), notes.report())
}

/// The notes on a task that succeeds.
async fn report(task: &Task) -> Report {
    let (rendered, report) = noted(task).await;
    rendered.unwrap();
    report
}

fn phases(report: &Report) -> Vec<Phase> {
    report.phases.iter().map(|lap| lap.phase).collect()
}

/// A task whose page is never ready.
fn never(task: Task, millis: u64) -> Task {
    with(task, |task| {
        task.page.wait_for_selector = Some(SelectorWait {
            selector: "#never".to_owned(),
            state: SelectorState::Attached,
            timeout: Duration::from_millis(millis),
        });
    })
}

#[test]
fn a_run_passes_through_its_phases_one_after_the_other() {
    run(async {
        for task in [pdf(INVOICE), image(INVOICE)] {
            let report = report(&task).await;
            let all = [Phase::Start, Phase::Navigate, Phase::Wait, Phase::Print];
            assert_eq!(phases(&report), all);
            for pair in report.phases.windows(2) {
                assert!(
                    pair[0].end() <= pair[1].at + Duration::from_millis(1),
                    "{report:?}"
                );
            }
            assert!(report.console.is_empty() && report.requests.is_empty());
        }
    });
}

#[test]
fn the_phase_in_which_a_run_gave_up_is_the_last_and_has_its_time() {
    run(async {
        let (failed, report) = noted(&never(pdf("x"), 300)).await;
        assert_eq!(failed.unwrap_err().kind, FailureKind::Timeout);
        assert_eq!(
            phases(&report),
            [Phase::Start, Phase::Navigate, Phase::Wait]
        );
        assert!(report.phases[2].took() >= Duration::from_millis(300));

        let silent = serve(|_| None::<String>).await;
        let task = with(pdf_of(&format!("http://{silent}/")), |task| {
            task.timeout = Duration::from_secs(1);
        });
        let (failed, report) = noted(&task).await;
        assert_eq!(failed.unwrap_err().kind, FailureKind::Timeout);
        assert_eq!(phases(&report), [Phase::Start, Phase::Navigate]);
    });
}

#[test]
fn errors_of_the_console_and_uncaught_exceptions_are_noted_and_nothing_milder() {
    run(async {
        let page = "<script>
            console.log('fine'); console.warn('careful'); console.assert(true, 'holds');
            console.error('first', 7, null, 'http://u:p@h.example/x?token=s');
            console.assert(false, 'does not hold');
            throw new Error('boom');
            </script>";
        let report = report(&pdf(page)).await;
        let said: Vec<(bool, &str)> = report
            .console
            .entries
            .iter()
            .map(|complaint| (complaint.uncaught, complaint.text.as_str()))
            .collect();
        let expected = [
            (false, "first 7 null http://h.example/x?…"),
            (false, "does not hold"),
            (true, "Uncaught Error: boom"),
        ];
        assert_eq!(said, expected);
        assert_eq!(report.console.more, 0);
    });
}

#[test]
fn a_complaint_that_is_no_unicode_is_counted_and_milder_ones_are_not_read() {
    run(async {
        let page = r"<script>
            console.log('\ud800'); console.error('half a \ud83d'); console.error('whole');
            throw new Error('\udc00');
            </script>";
        let console = report(&pdf(page)).await.console;
        let said: Vec<(bool, &str)> = console
            .entries
            .iter()
            .map(|complaint| (complaint.uncaught, complaint.text.as_str()))
            .collect();
        let unreadable = "a message that can't be read";
        let expected = [(false, unreadable), (false, "whole"), (true, unreadable)];
        assert_eq!(said, expected);
    });
}

#[test]
fn a_complaint_says_which_line_it_comes_from() {
    run(async {
        let server = serve(|request| {
            if request.starts_with("GET /a.js") {
                let script = "\n\nconsole.error('here')";
                return response("200 OK", "content-type: text/javascript\r\n", script);
            }
            html("<script src='/a.js?key=secret'></script>")
        })
        .await;
        let report = report(&pdf_of(&format!("http://{server}/"))).await;
        let expected = Complaint {
            uncaught: false,
            text: "here".to_owned(),
            place: Some(format!("http://{server}/a.js?…:3")),
        };
        assert_eq!(report.console.entries, [expected]);
    });
}

#[test]
fn what_a_page_does_not_get_is_noted_with_the_reason_and_without_secrets() {
    run(async {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = closed.local_addr().unwrap();
        drop(closed);
        let server = serve(|_| response("404 Not Found", "", "")).await;
        let body = format!(
            "<img src='http://{server}/gone.png?key=secret'>
             <img src='http://{nobody}/x.png'>
             <img src='http://10.0.0.1/y.png?k=v'><img src='https://10.0.0.2/z.png'>"
        );
        let shown = serve({
            let body = body.clone();
            move |_| html(&body)
        })
        .await;
        for task in [pdf(&body), pdf_of(&format!("http://{shown}/"))] {
            let report = report(&task).await;
            let mut requests = report.requests.entries;
            requests.sort_by(|one, other| one.url.cmp(&other.url));
            let find = |url: &str| -> &FailedRequest {
                let found = requests.iter().find(|request| request.url == url);
                found.unwrap_or_else(|| panic!("{url} is not in {requests:?}"))
            };
            let gone = find(&format!("http://{server}/gone.png?…"));
            assert_eq!((gone.status, gone.refused), (Some(404), false));
            let unreachable = find(&format!("http://{nobody}/x.png"));
            assert_eq!((unreachable.status, unreachable.refused), (None, false));
            let why = unreachable.error.as_deref().unwrap();
            assert!(why.contains("can't be reached"), "{why}");
            for url in ["http://10.0.0.1/y.png?…", "https://10.0.0.2/z.png"] {
                let refused = find(url);
                assert_eq!((refused.status, refused.refused), (None, true));
                let why = refused.error.as_deref().unwrap();
                assert!(why.contains("private"), "{why}");
            }
            assert_eq!(requests.len(), 4, "{requests:?}");
        }
    });
}

#[test]
fn of_many_complaints_the_first_are_kept_and_the_others_counted() {
    run(async {
        let page = "<script>for (let i = 0; i < 30; i++) console.error('number ' + i + 'x'.repeat(1000))</script>";
        let console = report(&pdf(page)).await.console;
        assert_eq!((console.entries.len(), console.more), (20, 10));
        for (number, complaint) in console.entries.iter().enumerate() {
            assert!(complaint.text.starts_with(&format!("number {number}x")));
            assert_eq!(complaint.text.len(), 300);
        }
    });
}

#[test]
fn a_page_that_floods_its_console_is_rendered_all_the_same() {
    run(async {
        let flood = "<script>for (let i = 0; i < 60000; i++) console.error('again')</script>done";
        let report = report(&pdf(flood)).await;
        assert_eq!(report.console.entries.len(), 20);
        super::the_next_job_is_normal().await;
    });
}

#[test]
fn a_page_that_fails_is_photographed_if_the_operator_wants_it() {
    run(async {
        let config = Config {
            failure_screenshot: true,
            slots: std::num::NonZeroUsize::new(1),
            ..Config::default()
        };
        let looking = Renderer::launch(&config, Policy::default()).await.unwrap();
        let look = async |task: &Task| {
            let notes = Notes::new(Lane::Browser, Clock::system(), tracing::Span::none());
            let rendered = looking.render_noting(task, None, &notes).await;
            let png = notes.take_last_look();
            (rendered.map(drop).map_err(|failure| failure.kind), png)
        };
        let red = "<style>html{background:#f00}</style>";
        let (failed, png) = look(&never(pdf(red), 300)).await;
        assert_eq!(failed, Err(FailureKind::Timeout));
        let shown = ::image::load_from_memory(&png.unwrap())
            .unwrap()
            .into_rgb8();
        assert_eq!(shown.dimensions(), (800, 600));
        assert!(shown.pixels().all(|pixel| pixel.0 == [255, 0, 0]));

        let (rendered, png) = look(&pdf(red)).await;
        assert_eq!((rendered, png), (Ok(()), None), "nothing has failed");
        // A page that never draws again has no picture, and its failure is told all the same.
        let busy = "<script>setTimeout(() => { for (;;); }, 50)</script>";
        let (failed, png) = look(&never(pdf(busy), 1000)).await;
        assert_eq!((failed, png), (Err(FailureKind::Timeout), None));
        let notes = Notes::new(Lane::Browser, Clock::system(), tracing::Span::none());
        let failing = never(pdf(red), 300);
        let failed = renderer().await.render_noting(&failing, None, &notes).await;
        assert!(
            failed.is_err() && notes.take_last_look().is_none(),
            "off unless asked"
        );
    });
}
