//! What a page can reach, and what is said when it can't.

use common::job::FailureKind;
use common::task::{Basic, Cookie};

use super::{fails, with};
use crate::testing::{html, pdf, pdf_of, render, response, run, serve, text};

fn cookie(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: value.into(),
        url: None,
        domain: None,
        path: None,
        expires: None,
        http_only: None,
        secure: None,
        same_site: None,
    }
}

#[test]
fn cookies_reach_the_pages_own_host_and_a_document_needs_to_name_one() {
    run(async {
        let server = serve(|request| {
            let sent = request
                .lines()
                .find(|line| line.to_lowercase().starts_with("cookie:"));
            html(sent.unwrap_or("no cookies"))
        })
        .await;
        let cookies = vec![cookie("a", "1"), cookie("b", "2")];
        let task = with(pdf_of(&format!("http://{server}/")), |task| {
            task.page.cookies = cookies.clone();
        });
        assert!(
            text(&render(&task).await.unwrap())
                .await
                .contains("a=1; b=2")
        );
        let again = text(&render(&pdf_of(&format!("http://{server}/"))).await.unwrap()).await;
        assert!(
            again.contains("no cookies"),
            "a context is never shared: {again}"
        );
        let document = with(pdf("x"), |task| task.page.cookies = cookies);
        fails(
            &document,
            FailureKind::Rendering,
            &["cookie `a`", "url or a domain"],
        )
        .await;
    });
}

#[test]
fn credentials_go_to_the_pages_own_origin_alone() {
    run(async {
        let (told, mut asked) = tokio::sync::mpsc::unbounded_channel();
        let challenge = "www-authenticate: Basic realm=\"x\"\r\n";
        let other = serve(move |request| {
            told.send(request.to_lowercase().contains("authorization:"))
                .unwrap();
            response("401 Unauthorized", challenge, "no")
        })
        .await;
        let own = serve(move |request| {
            if request.contains("uthorization: Basic dTpw") {
                return html(&format!("<p>welcome</p><img src=http://{other}/x.png>"));
            }
            response("401 Unauthorized", challenge, "<p>who are you</p>")
        })
        .await;
        let url = format!("http://{own}/");
        let basic = |password: &str| Basic {
            username: "u".into(),
            password: password.into(),
        };
        let task = with(pdf_of(&url), |task| task.page.basic = Some(basic("p")));
        assert!(
            text(&render(&task).await.unwrap())
                .await
                .contains("welcome")
        );
        assert!(!asked.recv().await.unwrap());
        assert!(asked.try_recv().is_err());
        let wrong = with(pdf_of(&url), |task| task.page.basic = Some(basic("wrong")));
        assert!(
            text(&render(&wrong).await.unwrap())
                .await
                .contains("who are you")
        );
        assert!(
            text(&render(&pdf_of(&url)).await.unwrap())
                .await
                .contains("who are you")
        );
    });
}

#[test]
fn an_error_status_is_a_page_like_any_other() {
    run(async {
        let server =
            serve(|_| response("500 Oops", "content-type: text/html\r\n", "<p>broken")).await;
        let made = render(&pdf_of(&format!("http://{server}/"))).await.unwrap();
        assert!(text(&made).await.contains("broken"));
    });
}

#[test]
fn what_cant_be_reached_says_why() {
    run(async {
        fails(
            &pdf_of("http://10.0.0.1/"),
            FailureKind::Navigation,
            &["Navigation: ", "10.0.0.1", "a private address"],
        )
        .await;
        fails(
            &pdf_of("https://169.254.169.254/"),
            FailureKind::Navigation,
            &["169.254.169.254", "metadata"],
        )
        .await;
        let server = serve(|_| response("302 Found", "location: http://10.1.2.3/\r\n", "")).await;
        fails(
            &pdf_of(&format!("http://{server}/")),
            FailureKind::Navigation,
            &["10.1.2.3", "private"],
        )
        .await;
        let server = serve(|_| html("<script>location = 'http://10.1.2.4/'</script>")).await;
        let moved = with(pdf_of(&format!("http://{server}/")), |task| {
            task.page.wait_until = common::task::WaitUntil::NetworkIdle;
        });
        fails(&moved, FailureKind::Navigation, &["10.1.2.4", "private"]).await;
        fails(
            &pdf("<script>location = 'https://10.1.2.5/'</script>"),
            FailureKind::Navigation,
            &["10.1.2.5", "private"],
        )
        .await;
        fails(
            &pdf_of("http://127.0.0.1:1/"),
            FailureKind::Navigation,
            &["127.0.0.1"],
        )
        .await;
    });
}

#[test]
fn only_the_web_is_opened() {
    run(async {
        for url in [
            "file:///etc/passwd",
            "chrome://version",
            "ftp://127.0.0.1/",
            "view-source:http://127.0.0.1/",
        ] {
            fails(
                &pdf_of(url),
                FailureKind::Navigation,
                &["Navigation: ", "http or https"],
            )
            .await;
        }
        let html = "<iframe src='file:///etc/passwd'></iframe><img src='file:///etc/passwd'>end";
        let made = text(&render(&pdf(html)).await.unwrap()).await;
        assert!(made.contains("end") && !made.contains("root:"), "{made}");
    });
}

#[test]
fn a_download_is_no_page() {
    run(async {
        let server = serve(|_| {
            response(
                "200 OK",
                "content-disposition: attachment\r\ncontent-type: application/zip\r\n",
                "PK",
            )
        })
        .await;
        fails(
            &pdf_of(&format!("http://{server}/")),
            FailureKind::Navigation,
            &["127.0.0.1", "download"],
        )
        .await;
        let empty = serve(|_| "HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
        fails(
            &pdf_of(&format!("http://{empty}/")),
            FailureKind::Navigation,
            &["nothing"],
        )
        .await;
        super::the_next_job_is_normal().await;
    });
}
