//! Requests that are refused: each answers JSON that says why, costs nothing and leaves nothing.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use common::credits::Credits;
use common::job::Mode;
use common::store::Limits;
use common::task::INLINE_LIMIT;
use http::{Method, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::support::{Harness, html, html_with, request};
use crate::body::BODY_LIMIT;
use crate::layers;

#[tokio::test]
async fn a_wrong_a_missing_and_an_empty_key_are_401_in_the_union_body() {
    let gateway = Harness::new().await;
    for key in ["", "cl-00000000000000000000000000000000"] {
        for path in ["/v2/jobs", "/v1/account", "/v2/getStatus"] {
            let answer = gateway.get_as(key, path).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            let expected = json!({
                "allowed": false, "statusCode": 401, "error": "Unauthorized",
                "reason": "Invalid API key.", "message": "Invalid API key.",
            });
            assert_eq!(answer.json(), expected);
        }
        let answer = gateway.post_as(key, "/v2/html/pdf", &html("<p>x")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn bad_input_is_400_names_the_field_and_leaves_nothing() {
    let gateway = Harness::new().await;
    let bad = [
        (html_with("<p>x", &json!({ "timeout": -1 })), "timeout"),
        (json!({ "html": "*" }), "html"),
        (json!({}), "html"),
    ];
    for (body, field) in bad {
        let answer = gateway.post("/v2/html/pdf", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        let error = answer.json();
        assert_eq!(
            (&error["statusCode"], &error["error"]),
            (&json!(400), &json!("Bad Request"))
        );
        assert_eq!(error["details"]["field"], field, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains(field),
            "{error}"
        );
    }
    let broken = request(Method::POST, "/v2/html/pdf", &gateway.key, Body::from("{"));
    assert_eq!(gateway.send(broken).await.json()["statusCode"], 400);
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let gateway = Harness::new().await;
    let long = || Body::from("x".repeat(BODY_LIMIT + 1));
    let plain = request(Method::POST, "/v2/html/pdf", &gateway.key, long());
    let mut announced = request(Method::POST, "/v2/html/pdf", &gateway.key, long());
    let length = (BODY_LIMIT + 1).into();
    announced.headers_mut().insert("content-length", length);
    for request in [plain, announced] {
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.json()["statusCode"], 413);
    }
    let document = gateway
        .post("/v2/html/pdf", &html(&"x".repeat(11_000_000)))
        .await;
    assert_eq!(
        document.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "{document:?}"
    );
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn an_unknown_path_is_404_and_another_method_405() {
    let gateway = Harness::new().await;
    for path in [
        "/",
        "/v3/jobs",
        "/v2/nothing",
        "/v2/jobs/job_1",
        "/v2/assets/x",
        "/v2/jobs/%ff",
    ] {
        let answer = gateway.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json()["error"], "Not Found", "{path}");
    }
    for (method, path) in [
        (Method::DELETE, "/v2/html/pdf"),
        (Method::POST, "/v2/jobs"),
        (Method::PUT, "/health/live"),
    ] {
        let answer = gateway
            .send(request(method, path, &gateway.key, Body::empty()))
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.json()["statusCode"], 405, "{path}");
        assert_ne!(answer.header("allow"), "", "{path}");
    }
}

#[tokio::test]
async fn without_credit_it_is_401_in_this_dialect_and_no_input_stays() {
    let gateway = Harness::new().await;
    let (_, key) = gateway.other(Credits::from_thousandths(999)).await;
    let body = html(&"x".repeat(INLINE_LIMIT + 1));
    let answer = gateway.post_as(&key, "/v2/html/pdf", &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let error = answer.json();
    assert_eq!(
        (&error["reason"], &error["allowed"]),
        (&json!("Insufficient credit."), &json!(false))
    );
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_used_up_rate_window_is_429_with_its_headers() {
    let gateway = Harness::new().await;
    let limits = Limits {
        rate: Some(1),
        in_flight: 16,
        backlog: 100,
    };
    assert!(
        gateway
            .parts
            .store
            .set_limits(gateway.account, limits)
            .await
            .unwrap()
    );
    let accepted = gateway.post("/v2/html/pdf", &html("<p>x")).await;
    assert_eq!(
        (accepted.status, accepted.header("x-ratelimit-remaining")),
        (StatusCode::ACCEPTED, "0")
    );
    let refused = gateway.post("/v2/html/pdf", &html("<p>x")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["statusCode"], 429);
    let status = gateway.get("/v2/getStatus").await;
    for answer in [&accepted, &refused, &status] {
        assert_eq!(answer.header("x-ratelimit-limit"), "1");
        let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
        assert!((1_700_000_001..=1_700_000_060).contains(&reset), "{reset}");
    }
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!(seconds >= 1);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn one_waiting_caller_too_many_is_429_and_a_full_backlog_503() {
    let gateway = Harness::new().await;
    let limits = Limits {
        rate: None,
        in_flight: 1,
        backlog: 1,
    };
    assert!(
        gateway
            .parts
            .store
            .set_limits(gateway.account, limits)
            .await
            .unwrap()
    );
    let sync = html_with("<p>x", &json!({ "async": false }));
    let (_, refused) = tokio::join!(gateway.post("/v2/html/pdf", &sync), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        let refused = gateway.post("/v2/html/pdf", &sync).await;
        gateway.succeed(message.job).await;
        refused
    });
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "1")
    );
    assert_eq!(
        gateway.post("/v2/html/pdf", &html("<p>x")).await.status,
        StatusCode::ACCEPTED
    );
    let full = gateway.post("/v2/html/pdf", &html("<p>x")).await;
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_ne!(full.header("retry-after"), "");
    assert_eq!(full.json()["error"], "Service Unavailable");
}

#[tokio::test]
async fn a_panic_and_an_internal_error_are_500_and_tell_nothing_of_their_cause() {
    let gateway = Harness::new().await;
    let router = Router::new()
        .route("/panic", get(|| async { panic!("secret") as () }))
        .route(
            "/error",
            get(|| async { crate::error::ApiError::internal("secret") }),
        );
    let router: Router =
        layers::around(router, gateway.app.clone()).with_state(gateway.app.clone());
    for path in ["/panic", "/error"] {
        let request = request(Method::GET, path, "", Body::empty());
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.contains("Internal Server Error") && !body.contains("secret"),
            "{body}"
        );
    }
}
