//! When a page counts as ready.

use std::time::{Duration, Instant};

use common::job::FailureKind;
use common::task::{SelectorState, SelectorWait, Task, WaitUntil};

use super::{fails, with};
use crate::testing::{html, pdf, pdf_of, render, response, run, serve, text};

fn selector(selector: &str, state: SelectorState, millis: u64) -> SelectorWait {
    SelectorWait {
        selector: selector.to_owned(),
        state,
        timeout: Duration::from_millis(millis),
    }
}

async fn shown(task: &Task) -> String {
    text(&render(task).await.unwrap()).await
}

#[test]
fn a_selector_is_waited_for_in_each_of_its_states() {
    run(async {
        let late = "<p id=a>soon</p><script>setTimeout(() => {
            document.body.insertAdjacentHTML('beforeend', '<b class=late style=\"visibility:hidden\">attached</b>');
            setTimeout(() => { document.querySelector('.late').style.visibility = 'visible'; document.querySelector('#a').remove(); }, 200);
        }, 200)</script>";
        for (css, state, shows) in [
            (".late", SelectorState::Visible, "attached"),
            ("#a", SelectorState::Hidden, "attached"),
        ] {
            let wait = selector(css, state, 5000);
            let task = with(pdf(late), |task| task.page.wait_for_selector = Some(wait));
            let text = shown(&task).await;
            assert!(text.contains(shows) && !text.contains("soon"), "{text}");
        }
        let wait = selector(".late", SelectorState::Attached, 5000);
        let task = with(pdf(late), |task| task.page.wait_for_selector = Some(wait));
        assert!(shown(&task).await.contains("soon"));
    });
}

#[test]
fn a_selector_that_never_comes_or_is_none_is_named() {
    run(async {
        let never = selector("#never", SelectorState::Attached, 300);
        let task = with(pdf("x"), |task| task.page.wait_for_selector = Some(never));
        fails(
            &task,
            FailureKind::Timeout,
            &["Timeout: ", "`#never`", "300ms"],
        )
        .await;
        let wrong = selector("a[", SelectorState::Attached, 300);
        let task = with(pdf("x"), |task| task.page.wait_for_selector = Some(wrong));
        fails(
            &task,
            FailureKind::Rendering,
            &["`a[` is not a CSS selector"],
        )
        .await;
    });
}

const PAGE: &str = "<p id=a>waiting</p><script>setTimeout(async () => {
            document.querySelector('#a').textContent = await (await fetch(BASE + '/late')).text();
        }, 300)</script>";

#[test]
fn idle_waits_for_late_requests_in_documents_and_on_pages() {
    run(async {
        let server = serve(|request| {
            if request.starts_with("GET /late") {
                return response("200 OK", "access-control-allow-origin: *\r\n", "arrived");
            }
            html(PAGE)
        })
        .await;
        let base = format!("<script>const BASE = 'http://{server}'</script>");
        let plain = format!("http://{server}/");
        for until in [WaitUntil::NetworkIdle, WaitUntil::NetworkAlmostIdle] {
            let document = with(pdf(&format!("{base}{PAGE}")), |task| {
                task.page.wait_until = until;
            });
            assert!(shown(&document).await.contains("arrived"), "{until:?}");
        }
        let page = PAGE.replace("BASE + ", "");
        let server = serve(move |request| {
            if request.starts_with("GET /late") {
                return response("200 OK", "", "arrived");
            }
            html(&page)
        })
        .await;
        let idle = with(pdf_of(&format!("http://{server}/")), |task| {
            task.page.wait_until = WaitUntil::NetworkIdle;
        });
        assert!(shown(&idle).await.contains("arrived"));
        let loaded = with(pdf_of(&plain), |task| {
            task.page.wait_until = WaitUntil::Load;
        });
        assert!(shown(&loaded).await.contains("waiting"));
    });
}

#[test]
fn two_open_requests_are_almost_idle_and_a_hanging_image_is_not_loaded() {
    run(async {
        let server = serve(|request| {
            (!request.starts_with("GET /hang")).then(|| html("<p>shown<img src=/hang>"))
        })
        .await;
        let page = pdf_of(&format!("http://{server}/"));
        let task = with(page.clone(), |task| {
            task.page.wait_until = WaitUntil::NetworkAlmostIdle;
        });
        assert!(shown(&task).await.contains("shown"));
        let task = with(page.clone(), |task| {
            task.page.wait_until = WaitUntil::DomContentLoaded;
        });
        assert!(shown(&task).await.contains("shown"));
        let task = with(page, |task| task.timeout = Duration::from_secs(1));
        fails(
            &task,
            FailureKind::Timeout,
            &["Timeout: page took longer than 1000ms to load"],
        )
        .await;
    });
}

#[test]
fn frames_are_waited_for() {
    run(async {
        let server = serve(|request| {
            if request.starts_with("GET /frame") {
                return html("<b>framed</b><script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<i id=deep>deep</i>'), 300)</script>");
            }
            html("<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<iframe src=/frame></iframe>'), 300)</script>")
        })
        .await;
        let page = pdf_of(&format!("http://{server}/"));
        let task = with(page.clone(), |task| task.page.frames.loaded = true);
        assert!(shown(&task).await.contains("framed"));
        let task = with(page.clone(), |task| {
            task.page.frames.attached = true;
            task.page.frames.navigation = Some(WaitUntil::NetworkIdle);
            task.page.frames.images = true;
        });
        assert!(shown(&task).await.contains("framed"));
        let task = with(page.clone(), |task| {
            task.page.frames.selector = Some(selector("#deep", SelectorState::Attached, 5000));
        });
        assert!(shown(&task).await.contains("deep"));
        let task = with(page, |task| {
            task.page.frames.selector = Some(selector("#none", SelectorState::Visible, 900));
        });
        fails(
            &task,
            FailureKind::Timeout,
            &["`#none`", "visible", "900ms"],
        )
        .await;
    });
}

#[test]
fn scrolling_brings_lazy_content_and_a_delay_delays() {
    run(async {
        let lazy = "<div style='height:4000px'>top</div><p id=a></p><script>
            new IntersectionObserver(([seen]) => { if (seen.isIntersecting) a.textContent = 'lazy content'; }).observe(a);
        </script>";
        assert!(!shown(&pdf(lazy)).await.contains("lazy content"));
        let scrolled = with(pdf(lazy), |task| task.page.auto_scroll = true);
        assert!(shown(&scrolled).await.contains("lazy content"));
        let endless = "<script>onscroll = () => document.body.insertAdjacentHTML('beforeend', '<div style=\"height:3000px\">more</div>')</script><div style='height:3000px'>x";
        let task = with(pdf(endless), |task| task.page.auto_scroll = true);
        assert!(shown(&task).await.contains("more"));
        let delayed = with(
            pdf("<p id=a></p><script>setTimeout(() => a.textContent = 'later', 400)</script>"),
            |task| {
                task.page.delay = Duration::from_millis(600);
            },
        );
        assert!(shown(&delayed).await.contains("later"));
    });
}

#[test]
fn a_page_that_moves_on_is_shown_where_it_arrives() {
    run(async {
        let server = serve(|request| {
            if request.starts_with("GET /there") {
                return html("<p>arrived</p>");
            }
            html("<script>location.replace('/there')</script><p>left</p>")
        })
        .await;
        let start = Instant::now();
        assert!(
            shown(&pdf_of(&format!("http://{server}/")))
                .await
                .contains("arrived")
        );
        assert!(start.elapsed() < super::NORMAL);
    });
}
