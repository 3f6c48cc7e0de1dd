//! A customer's program: the cloudlayer dialect over plain HTTP.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::{Pdf, Picture, eventually, within};

/// Speaks to one server with one key.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    key: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("JSON is expected ({error}): {self:?}"))
    }

    /// The sentence that a person reads when a request has failed.
    pub fn message(&self) -> String {
        let body = self.json();
        let message = body["message"].as_str();
        message
            .unwrap_or_else(|| panic!("an error has a message: {body}"))
            .to_owned()
    }

    /// Insists on a status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.described());
        self
    }

    /// Insists on success.
    pub fn expect_success(self) -> Self {
        assert!((200..300).contains(&self.status), "{}", self.described());
        self
    }

    fn described(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(2000)]);
        format!("answered {} {:?}\n{text}", self.status, self.headers)
    }
}

impl Api {
    /// A program that knows the server's address and a key.
    pub fn new(base: &str, key: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            base: base.to_owned(),
            key: key.to_owned(),
            client,
        }
    }

    /// The same program with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// Posts JSON to a path.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], body.to_string().into())
            .await
    }

    /// Sends a request with the key, and insists on some answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let key = [("x-api-key", self.key.as_str())];
        let headers = [key.as_slice(), headers].concat();
        let what = format!("{method} {path}");
        self.raw(method, &format!("{}{path}", self.base), &headers, body)
            .await
            .unwrap_or_else(|error| panic!("no answer to {what}: {error:#}"))
    }

    /// Posts JSON to a server that may die over it.
    pub async fn try_post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.try_post_with(path, &[], body).await
    }

    /// The same with headers beside the key.
    pub async fn try_post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> anyhow::Result<Answer> {
        let key = [("x-api-key", self.key.as_str())];
        let headers = [key.as_slice(), headers].concat();
        let url = format!("{}{path}", self.base);
        self.raw(Method::POST, &url, &headers, body.to_string().into())
            .await
    }

    /// Sends a request without the key to a whole address.
    pub async fn raw(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(url);
        let is_typed = headers.iter().any(|(name, _)| *name == "content-type");
        if !body.is_empty() && !is_typed {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body))?;
        within(url, async {
            let (parts, body) = self.client.request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body,
            })
        })
        .await
    }

    /// Fetches a whole address without the key, as a browser would: a result that lies elsewhere is
    /// fetched from there.
    pub async fn download(&self, url: &str) -> Answer {
        self.download_with(url, &[]).await
    }

    /// The same with headers of its own.
    pub async fn download_with(&self, url: &str, headers: &[(&str, &str)]) -> Answer {
        let fetch = async |url: &str| {
            self.raw(Method::GET, url, headers, Bytes::new())
                .await
                .unwrap_or_else(|error| panic!("no answer from {url}: {error:#}"))
        };
        let answer = fetch(url).await;
        match answer.status {
            307 => fetch(answer.header("location")).await,
            _ => answer,
        }
    }

    /// A v2 conversion that is waited for and succeeds: the JSON answer.
    pub async fn convert(&self, path: &str, options: Value) -> Value {
        let answer = self
            .post(path, &with(options, "async", json!(false)))
            .await
            .expect_success()
            .json();
        assert_eq!(answer["status"], "success", "{answer}");
        answer
    }

    /// A v2 conversion that is waited for and fails in the page: the JSON answer.
    pub async fn fail(&self, path: &str, options: Value) -> Value {
        let answer = self
            .post(path, &with(options, "async", json!(false)))
            .await
            .expect(500)
            .json();
        assert_eq!(answer["statusCode"], 500, "{answer}");
        assert!(
            answer["jobId"].is_string(),
            "a failed conversion names its job: {answer}"
        );
        answer
    }

    /// A conversion that is not waited for: the job's id.
    pub async fn submit(&self, path: &str, options: Value) -> String {
        let answer = self
            .post(path, &with(options, "async", json!(true)))
            .await
            .expect_success()
            .json();
        text(&answer, "jobId")
    }

    /// Waits until a job has ended, well or badly.
    pub async fn finished(&self, job: &str) -> Value {
        let path = format!("/v2/jobs/{job}");
        eventually(&format!("the end of {job}"), || async {
            let job = self.get(&path).await.expect(200).json();
            (job["status"] != "pending").then_some(job)
        })
        .await
    }

    /// Waits until a job has ended well.
    pub async fn succeeded(&self, job: &str) -> Value {
        let job = self.finished(job).await;
        assert_eq!(job["status"], "success", "{job}");
        job
    }

    /// A PDF of `options`, from `/v2/url/pdf` when they hold a `url`, else from `/v2/html/pdf`.
    pub async fn pdf(&self, options: Value) -> Pdf {
        Pdf::new(&self.result(source(&options), "pdf", options).await)
    }

    /// A picture of `options`, from `/v2/url/image` when they hold a `url`, else from `/v2/html/image`.
    pub async fn picture(&self, options: Value) -> Picture {
        Picture::decode(&self.result(source(&options), "image", options).await)
    }

    async fn result(&self, source: &str, target: &str, options: Value) -> Bytes {
        let job = self
            .convert(&format!("/v2/{source}/{target}"), options)
            .await;
        self.download(&text(&job, "assetUrl"))
            .await
            .expect(200)
            .body
    }

    /// All jobs that a first page of the listing shows.
    pub async fn jobs(&self) -> Vec<Value> {
        array(self.get("/v2/jobs?limit=100").await.expect(200).json())
    }

    /// The account's credit.
    pub async fn credit(&self) -> f64 {
        let account = self.get("/v2/account").await.expect(200).json();
        account["credit"]
            .as_f64()
            .unwrap_or_else(|| panic!("an account has credit: {account}"))
    }
}

/// A text field that has to be there.
pub fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("`{field}` is missing in {value}"))
        .to_owned()
}

/// The items of a bare array.
pub fn array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("a bare array is expected: {other}"),
    }
}

/// The options with one more field; what is there already stays.
pub fn with(mut options: Value, field: &str, value: Value) -> Value {
    let fields = options.as_object_mut().expect("options are an object");
    fields.entry(field).or_insert(value);
    options
}

fn source(options: &Value) -> &'static str {
    if options.get("url").is_some() {
        "url"
    } else {
        "html"
    }
}
