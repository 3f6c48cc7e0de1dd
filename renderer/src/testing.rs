//! Browsers for tests: one renderer for the whole test process, on a runtime that outlives each test.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use common::egress::Policy;
use common::task::{Document, ImageOptions, Output, PageOptions, PdfOptions, Source, Task};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::{Config, Failure, Renderer};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

static RENDERER: OnceCell<Renderer> = OnceCell::const_new();

/// No test with a browser takes longer.
const LIMIT: Duration = Duration::from_mins(2);

/// Runs a test on the runtime that the shared browsers live on.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    RUNTIME.block_on(async { tokio::time::timeout(LIMIT, test).await.unwrap() })
}

/// The renderer that all tests share; its pages may reach loopback.
pub(crate) async fn renderer() -> &'static Renderer {
    let launch = || async {
        let policy = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        Renderer::launch(&Config::default(), policy).await.unwrap()
    };
    RENDERER.get_or_init(launch).await
}

/// A task of default options.
pub(crate) fn pdf(html: &str) -> Task {
    task(Source::Html(Document::Inline(html.to_owned())))
}

pub(crate) fn pdf_of(url: &str) -> Task {
    task(Source::Url(url.parse().unwrap()))
}

pub(crate) fn image(html: &str) -> Task {
    let mut task = pdf(html);
    task.output = Output::Image(ImageOptions::default());
    task
}

fn task(source: Source) -> Task {
    Task {
        source,
        page: PageOptions::default(),
        output: Output::Pdf(PdfOptions {
            print_background: true,
            ..PdfOptions::default()
        }),
        preview: None,
        timeout: Duration::from_secs(30),
    }
}

/// Does a task with the shared renderer and gives the result's bytes.
pub(crate) async fn render(task: &Task) -> Result<Vec<u8>, Failure> {
    let rendered = renderer().await.render(task, None).await?;
    Ok(rendered.spool.into_bytes().await.unwrap().into())
}

/// The text of a PDF, by `pdftotext`.
pub(crate) async fn text(pdf: &[u8]) -> String {
    tool("pdftotext", &["-layout"], pdf, &["-"]).await
}

/// What `pdfinfo` says of a PDF.
pub(crate) async fn info(pdf: &[u8]) -> String {
    tool("pdfinfo", &[], pdf, &[]).await
}

async fn tool(name: &str, before: &[&str], pdf: &[u8], after: &[&str]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let output = tokio::process::Command::new(name)
        .args(before)
        .arg(file.path())
        .args(after)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A plain HTTP server on loopback: `answer` gets the request's text and gives the whole response, or
/// nothing to never answer.
pub(crate) async fn serve<F, A>(answer: F) -> SocketAddr
where
    F: Fn(&str) -> A + Send + Sync + 'static,
    A: Into<Option<String>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let answer = answer(&String::from_utf8_lossy(&request)).into();
                match answer {
                    Some(response) => drop(stream.write_all(response.as_bytes()).await),
                    None => std::future::pending().await,
                }
            });
        }
    });
    address
}

/// A whole response with a status line such as `200 OK` and more header lines.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

/// A web page.
pub(crate) fn html(body: &str) -> String {
    response("200 OK", "content-type: text/html\r\n", body)
}

/// A page that every browser draws quickly.
pub(crate) const INVOICE: &str = "<!doctype html><title>Invoice</title><h1>Invoice 42</h1>";
