//! Pages of other sites that call from browsers.

use axum::body::Body;
use http::{HeaderValue, Method, Request, StatusCode};

use super::support::{Answer, Harness};
use crate::config::Config;

const SITE: &str = "https://app.example.com";

async fn with(origins: &[&str]) -> Harness {
    let cors_origin = origins.iter().map(|origin| origin.parse().unwrap());
    Harness::with(Config {
        cors_origin: cors_origin.collect(),
        ..Config::default()
    })
    .await
}

/// Asks as a browser does before a page may post.
async fn preflight(gateway: &Harness, origin: &str) -> Answer {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v2/html/pdf")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-api-key");
    gateway.send(request.body(Body::empty()).unwrap()).await
}

/// Reads as a page of a site.
async fn read(gateway: &Harness, origin: &str) -> Answer {
    let mut request =
        super::support::request(Method::GET, "/v2/getStatus", &gateway.key, Body::empty());
    let origin = HeaderValue::try_from(origin).unwrap();
    request.headers_mut().insert("origin", origin);
    gateway.send(request).await
}

#[tokio::test]
async fn no_site_is_allowed_unless_one_is_named() {
    let gateway = with(&[]).await;
    assert_eq!(
        preflight(&gateway, SITE).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let answer = read(&gateway, SITE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_named_site_may_send_its_key_and_read_our_headers_and_others_may_not() {
    let gateway = with(&[SITE, "http://localhost:3000"]).await;
    let asked = preflight(&gateway, SITE).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(asked.header("access-control-allow-origin"), SITE);
    for (name, words) in [
        (
            "access-control-allow-headers",
            [
                "x-api-key",
                "authorization",
                "content-type",
                "idempotency-key",
            ]
            .as_slice(),
        ),
        (
            "access-control-allow-methods",
            &["GET", "POST", "PUT", "DELETE"],
        ),
        ("access-control-max-age", &["7200"]),
        ("vary", &["origin"]),
    ] {
        for word in words {
            assert!(asked.header(name).contains(word), "{name}: {asked:?}");
        }
    }
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    let answer = read(&gateway, "http://localhost:3000").await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "http://localhost:3000"
    );
    let exposed = answer.header("access-control-expose-headers");
    for name in [
        "cl-worker-job-id",
        "x-ratelimit-remaining",
        "retry-after",
        "content-disposition",
    ] {
        assert!(exposed.contains(name), "{exposed}");
    }
    for other in [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "null",
    ] {
        for answer in [
            preflight(&gateway, other).await,
            read(&gateway, other).await,
        ] {
            assert_eq!(answer.header("access-control-allow-origin"), "", "{other}");
        }
    }
}

#[tokio::test]
async fn a_star_allows_every_site_also_to_read_errors() {
    let gateway = with(&["*"]).await;
    let mut refused = super::support::request(Method::GET, "/v2/account", "", Body::empty());
    refused
        .headers_mut()
        .insert("origin", HeaderValue::from_static(SITE));
    let refused = gateway.send(refused).await;
    assert_eq!(
        (
            refused.status,
            refused.header("access-control-allow-origin")
        ),
        (StatusCode::UNAUTHORIZED, "*")
    );
}
