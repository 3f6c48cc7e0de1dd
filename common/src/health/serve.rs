//! The probes over HTTP, for orchestrators: 200 or 503, with the complaints as JSON.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Complaint, Health};
use crate::http;

/// Answers probes on `listener` until `stop`.
pub async fn serve(health: Health, listener: TcpListener, stop: CancellationToken) {
    let answer = move |request| {
        let health = health.clone();
        async move { answer(&health, &request).await }
    };
    http::serve(listener, stop, answer).await;
}

async fn answer(health: &Health, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return reply(
            StatusCode::METHOD_NOT_ALLOWED,
            &["only GET is answered".to_owned()],
        );
    }
    let complaints = match request.uri().path() {
        "/health/live" => health.is_live().await,
        "/health/ready" => health.is_ready().await,
        _ => {
            let known = "there are /health/live and /health/ready".to_owned();
            return reply(StatusCode::NOT_FOUND, &[known]);
        }
    };
    match complaints {
        Ok(()) => reply(StatusCode::OK, &[]),
        Err(complaints) => reply(StatusCode::SERVICE_UNAVAILABLE, &complaints),
    }
}

fn reply(status: StatusCode, complaints: &[Complaint]) -> Response<Full<Bytes>> {
    let body = if complaints.is_empty() {
        serde_json::json!({ "status": "ok" })
    } else {
        serde_json::json!({ "status": "unavailable", "complaints": complaints })
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn orchestrators_read_the_probes_as_status_codes() {
        let (health, stop) = (Health::default(), CancellationToken::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(health.clone(), listener, stop.clone()));
        assert!(
            get(address, "/health/ready")
                .await
                .starts_with("HTTP/1.1 200")
        );
        health.ready_when(|| async { Err("the broker is away".to_owned()) });
        let refused = get(address, "/health/ready").await;
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("the broker is away"));
        assert!(
            get(address, "/health/live")
                .await
                .starts_with("HTTP/1.1 200")
        );
        assert!(get(address, "/metrics").await.starts_with("HTTP/1.1 404"));
        stop.cancel();
        server.await.unwrap();
    }
}
