//! Files that are sent, and what an office suite makes of them.

use hyper::Method;
use platen_tests::api::text;
use platen_tests::docx::{archive, docx, docx_with_links, main_part};
use platen_tests::s3::S3;
use platen_tests::shared::CLOSED_ADDRESS;
use platen_tests::sheets::{encrypted, sheets};
use platen_tests::*;
use serde_json::json;

/// A suite takes two seconds of a processor to start, which on a busy machine are many.
const WAITS: [(&str, &str); 2] = [("async", "false"), ("timeout", "110000")];
const IN_PEACE: (&str, &str) = ("timeout", "110000");

/// Sends a form with a file and fields.
async fn send(api: &Api, path: &str, file: &[u8], fields: &[(&str, &str)]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--7f3c\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.as_bytes());
    }
    body.extend(b"--7f3c\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--7f3c--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=7f3c")];
    api.send(Method::POST, path, &headers, body.into()).await
}

/// The result of a conversion that is waited for.
async fn converted(api: &Api, path: &str, file: &[u8], fields: &[(&str, &str)]) -> Answer {
    let answer = send(api, path, file, fields).await.expect(200).json();
    api.download(&text(&answer, "assetUrl")).await.expect(200)
}

#[tokio::test]
async fn a_document_becomes_a_pdf_whichever_way_its_options_travel() {
    let api = tenant().await;
    let file = docx(&["Hello from the document", "Second"]);
    let options =
        r#"{"async": false, "timeout": 110000, "filename": "letter", "generatePreview": true}"#;
    for (before, fields) in [
        (0.0, &[WAITS[0], WAITS[1], ("filename", "letter")][..]),
        (1.0, &[("options", options)]),
        (2.0, &[("json", options)]),
    ] {
        let answer = send(&api, "/v2/docx/pdf", &file, fields).await;
        let job = answer.expect(200).json();
        let read = api.get(&format!("/v2/jobs/{}", text(&job, "id"))).await;
        assert_eq!(read.expect(200).json()["type"], "docx-pdf");
        let result = api.download(&text(&job, "assetUrl")).await.expect(200);
        assert_eq!(result.header("content-type"), "application/pdf");
        let disposition = result.header("content-disposition");
        assert!(disposition.contains("letter.pdf"), "{disposition}");
        let made = Pdf::new(&result.body);
        made.assert_sound();
        made.assert_size((842, 595), &"A4 across, as the document says");
        let words = made.text();
        assert!(
            words.contains("Hello from the document") && words.contains("Second"),
            "{words}"
        );
        if before > 0.0 {
            let preview = api.download(&text(&job, "previewUrl")).await.expect(200);
            assert!(preview.body.starts_with(b"RIFF"));
        }
        assert_eq!(api.credit().await, Tenant::CREDIT - 1.0 - before);
    }
}

#[tokio::test]
async fn a_document_becomes_a_page_that_no_script_runs_in() {
    let api = tenant().await;
    let file = docx(&["Words & <script>more</script>"]);
    let page = converted(&api, "/v2/docx/html", &file, &WAITS).await;
    assert_eq!(page.header("content-type"), "text/html");
    let disposition = page.header("content-disposition");
    assert!(disposition.contains("document.html"), "{disposition}");
    let markup = String::from_utf8_lossy(&page.body);
    assert!(
        markup.contains("Words &amp; &lt;script&gt;more&lt;/script&gt;"),
        "{markup}"
    );
    let raw = send(
        &api,
        "/v1/docx/html",
        &file,
        &[("inline", "true"), IN_PEACE],
    )
    .await;
    let raw = raw.expect(200);
    assert_eq!(raw.header("content-disposition"), "inline");
    let policy = raw.header("content-security-policy");
    assert!(policy.contains("sandbox"), "{policy}");
    assert!(String::from_utf8_lossy(&raw.body).contains("Words &amp;"));
}

#[tokio::test]
async fn a_pdf_becomes_a_document_with_its_words_and_by_its_link_a_pdf_again() {
    // A server that may not call itself.
    let api = guarded_tenant().await;
    let file = sheets(&["Sheet one", "Sheet two"]);
    let job = send(&api, "/v2/pdf/docx", &file, &WAITS).await;
    let link = text(&job.expect(200).json(), "assetUrl");
    let document = api.download(&link).await.expect(200);
    let disposition = document.header("content-disposition");
    assert!(disposition.contains("document.docx"), "{disposition}");
    let xml = main_part(&document.body);
    assert!(xml.contains("Sheet") && xml.contains("<w:t"), "{xml}");
    let named = json!({ "url": link, "timeout": 110_000 });
    let back = api.post("/v1/docx/pdf", &named).await;
    let back = Pdf::new(&back.expect(200).body);
    // Each page is still a page of its own, and its words stand where they stood.
    let texts = back.page_texts();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("Sheet one"), "{texts:?}");
    assert!(texts[1].contains("Sheet two"), "{texts:?}");
    back.assert_size((300, 400), &"the size of the sheets");
    let (was, is) = (Pdf::new(&file).word("one"), back.word("one"));
    let moved = (was.left - is.left).abs().max((was.top - is.top).abs());
    assert!(moved < 4.0, "{was:?} {is:?}");
    let refused = api.post("/v1/pdf/docx", &named).await.expect(400).message();
    assert!(
        refused.contains("a result that is no .pdf file"),
        "{refused}"
    );
    let stranger = guarded_tenant().await;
    let refused = stranger
        .post("/v1/docx/pdf", &named)
        .await
        .expect(400)
        .message();
    assert!(refused.contains("is another account's"), "{refused}");
}

#[tokio::test]
async fn a_file_is_fetched_from_its_address_unless_that_is_closed() {
    let (api, site) = (guarded_tenant().await, Site::on(shared::OPEN_ADDRESS).await);
    site.reply("/a.docx", Reply::new("application/zip", docx(&["Fetched"])));
    site.reply(
        "/away",
        Reply::redirect(format!("http://{CLOSED_ADDRESS}/")),
    );
    let answer = api
        .post(
            "/v1/docx/pdf",
            &json!({ "url": site.url("/a.docx"), "timeout": 110_000 }),
        )
        .await;
    let words = Pdf::new(&answer.expect(200).body).text();
    assert!(words.contains("Fetched"), "{words}");
    for (path, words) in [("/missing", "404"), ("/away", "--allow-network")] {
        let named = json!({ "url": site.url(path) });
        let answer = api.post("/v1/docx/pdf", &named).await.expect(500);
        let message = answer.message();
        assert!(message.starts_with("Navigation: `url` "), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let closed = json!({ "url": format!("https://{CLOSED_ADDRESS}/a.docx") });
    api.post("/v1/docx/pdf", &closed).await.expect(400);
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
}

#[tokio::test]
async fn a_file_that_can_not_be_converted_is_explained_and_refunded() {
    let api = tenant().await;
    let good = docx(&["Good"]);
    let bomb = "0".repeat(30 * 1024 * 1024);
    let bomb = archive(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", &bomb),
    ]);
    let workbook = archive(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "")]);
    let pages: Vec<_> = (0..10_000).map(|_| "A").collect();
    for (path, file, words) in [
        (
            "/v2/docx/pdf",
            good[..good.len() / 2].to_vec(),
            "`file` is not a whole DOCX",
        ),
        ("/v2/docx/pdf", sheets(&["A"]), "this is a PDF"),
        ("/v2/docx/pdf", bomb, "unpacks to too much"),
        ("/v2/docx/pdf", workbook, "a workbook (XLSX)"),
        (
            "/v2/docx/html",
            b"<html><img src='http://127.0.0.1/'>".to_vec(),
            "this is a page or other markup",
        ),
        ("/v2/pdf/docx", good.clone(), "`file` is not a PDF"),
        (
            "/v2/pdf/docx",
            sheets(&["A"])[..300].to_vec(),
            "`file` is not a PDF",
        ),
        (
            "/v2/pdf/docx",
            encrypted(&sheets(&["A"])),
            "protected by a password",
        ),
        ("/v2/pdf/docx", sheets(&pages), "has 10000 pages"),
    ] {
        let answer = send(&api, path, &file, &WAITS).await.expect(500);
        let message = answer.message();
        assert!(
            message.starts_with("Rendering: ") && message.contains(words),
            "{message}"
        );
    }
    let empty = archive(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", ""),
    ]);
    let answer = send(&api, "/v2/docx/pdf", &empty, &WAITS).await.expect(500);
    assert!(answer.message().contains("LibreOffice can't read it"));
    assert_eq!(api.credit().await, Tenant::CREDIT);
    let result = converted(&api, "/v2/docx/pdf", &good, &WAITS).await;
    assert!(Pdf::new(&result.body).text().contains("Good"));
}

#[tokio::test]
async fn a_document_that_links_elsewhere_reaches_nothing() {
    let (api, site) = (tenant().await, Site::start().await);
    for path in ["/picture.png", "/field.png"] {
        site.reply(path, Reply::picture());
    }
    // Outside of what is a job's, and red all over.
    let secret = tempfile::NamedTempFile::with_suffix(".png").expect("a file can be made");
    let red = image::RgbImage::from_pixel(100, 50, image::Rgb([255, 0, 0]));
    red.save(secret.path()).expect("it can be written");
    let secret = secret.path().to_string_lossy().into_owned();
    let file = docx_with_links("Words of the document", site.origin(), &secret);
    let result = converted(&api, "/v2/docx/pdf", &file, &WAITS).await;
    let made = Pdf::new(&result.body);
    let words = made.text();
    assert!(words.contains("Words of the document"), "{words}");
    let page = made.picture();
    assert!(page.has([0, 200, 0]), "the drawing is there");
    assert!(!page.has([255, 0, 0]), "without the file of the machine");
    let page = converted(&api, "/v2/docx/html", &file, &WAITS).await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.contains("Words of the document"), "{page}");
    assert_eq!(site.connections(), 0, "{:?}", site.all_seen());
}

#[tokio::test]
async fn a_conversion_that_takes_too_long_ends_in_time_and_is_refunded() {
    let api = tenant().await;
    let paragraphs = vec!["Words that take their time to be laid out, on many pages"; 30_000];
    let fields = [("async", "false"), ("timeout", "1000")];
    let answer = send(&api, "/v2/docx/pdf", &docx(&paragraphs), &fields).await;
    let message = answer.expect(500).message();
    let late = "Timeout: the conversion took longer than 1000ms";
    assert_eq!(message, late);
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

#[tokio::test]
async fn what_becomes_of_a_file_lies_in_the_customers_bucket() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let storage = api.post("/v2/storage", &bucket.storage("Mine")).await;
    let storage = text(&storage.expect(200).json(), "id");
    let options = json!({ "storage": { "id": storage }, "filename": "letter", "timeout": 110_000 });
    let options = options.to_string();
    let file = docx(&["For the bucket"]);
    let answer = send(&api, "/v2/docx/pdf", &file, &[("options", &options)]).await;
    let id = text(&answer.expect(202).json(), "jobId");
    api.succeeded(&id).await;
    let there = bucket.read(&format!("{id}/letter.pdf"));
    let there = Pdf::new(&there.expect("it is in the bucket"));
    assert!(there.text().contains("For the bucket"));
}

#[tokio::test]
async fn without_an_office_suite_files_are_a_501_and_cost_nothing() {
    let without = Start::open().variable("PLATEN_NO_OFFICE", "true");
    let platen = without.start().await;
    let api = platen.tenant().await;
    let answer = send(&api, "/v2/docx/pdf", &docx(&["A"]), &WAITS).await;
    let message = answer.expect(501).message();
    assert!(message.contains("--features office"), "{message}");
    assert_eq!(api.credit().await, Tenant::CREDIT);
    assert_eq!(api.jobs().await, Vec::<serde_json::Value>::new());
}
