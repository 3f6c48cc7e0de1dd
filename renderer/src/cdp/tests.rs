//! The session against a scripted browser, and its speed against a real one.

use std::io;
use std::time::{Duration, Instant};

use headless_chrome::protocol::cdp::{Browser, Page, Runtime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;

use super::*;
use crate::testing;

/// The browser's end of a pipe.
struct Fake {
    calls: pipe::Receiver,
    answers: pipe::Sender,
}

impl Fake {
    async fn call(&mut self) -> serde_json::Value {
        let mut message = Vec::new();
        loop {
            match self.calls.read_u8().await.unwrap() {
                0 => return serde_json::from_slice(&message).unwrap(),
                byte => message.push(byte),
            }
        }
    }

    async fn send(&mut self, message: &serde_json::Value) {
        let text = format!("{message}\0");
        self.answers.write_all(text.as_bytes()).await.unwrap();
    }
}

fn connected() -> (Connection, Fake) {
    let (calls, to_browser) = io::pipe().unwrap();
    let (from_browser, answers) = io::pipe().unwrap();
    let connection = Connection::new(
        pipe::Sender::from_owned_fd(to_browser.into()).unwrap(),
        pipe::Receiver::from_owned_fd(from_browser.into()).unwrap(),
    );
    let fake = Fake {
        calls: pipe::Receiver::from_owned_fd(calls.into()).unwrap(),
        answers: pipe::Sender::from_owned_fd(answers.into()).unwrap(),
    };
    (connection, fake)
}

#[tokio::test]
async fn answers_find_their_callers_in_any_order() {
    let (connection, mut fake) = connected();
    let (session, _events) = connection.session("S".into());
    let evaluate = |expression: &str| {
        let session = session.clone();
        let call = serde_json::from_value::<Runtime::Evaluate>(
            serde_json::json!({ "expression": expression }),
        );
        async move { session.call(call.unwrap()).await }
    };
    let answering = async {
        let (first, second) = (fake.call().await, fake.call().await);
        assert_eq!(first["sessionId"], "S");
        for call in [second, first] {
            let value = call["params"]["expression"].clone();
            let result = serde_json::json!({ "result": { "type": "string", "value": value } });
            fake.send(&serde_json::json!({ "id": call["id"], "result": result }))
                .await;
        }
    };
    let (one, two, ()) = tokio::join!(evaluate("one"), evaluate("two"), answering);
    assert_eq!(one.unwrap().result.value.unwrap(), "one");
    assert_eq!(two.unwrap().result.value.unwrap(), "two");
}

#[tokio::test]
async fn a_dropped_caller_leaves_nothing_behind() {
    let (connection, mut fake) = connected();
    let call = tokio::spawn({
        let connection = connection.clone();
        async move { connection.call(Browser::GetVersion(None)).await }
    });
    let late = fake.call().await;
    assert_eq!(connection.calls_in_flight(), 1);
    call.abort();
    assert!(call.await.is_err());
    assert_eq!(connection.calls_in_flight(), 0);
    fake.send(&serde_json::json!({ "id": late["id"], "result": {} }))
        .await;
    let next = connection.call(Page::Close(None));
    let answer = async {
        let call = fake.call().await;
        fake.send(
            &serde_json::json!({ "id": call["id"], "error": { "code": -1, "message": "no" } }),
        )
        .await;
    };
    let (refused, ()) = tokio::join!(next, answer);
    assert_eq!(refused.unwrap_err().to_string(), "Page.close: no (-1)");
}

#[tokio::test]
async fn a_closed_pipe_ends_every_call_and_every_stream_of_events() {
    let (connection, mut fake) = connected();
    let (session, mut events) = connection.session("S".into());
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.call(Page::Close(None)).await })
        })
        .collect();
    for _ in &calls {
        fake.call().await;
    }
    fake.send(&serde_json::json!({ "method": "A.b", "sessionId": "S", "params": { "c": 1 } }))
        .await;
    drop(fake);
    for call in calls {
        assert!(matches!(call.await.unwrap(), Err(CallError::Closed)));
    }
    assert_eq!(events.recv().await.unwrap().method, "A.b");
    assert!(events.recv().await.is_none());
    connection.closed().await;
    let late = connection.call(Browser::GetVersion(None)).await;
    assert!(matches!(late, Err(CallError::Closed)));
}

#[tokio::test]
async fn a_session_that_floods_is_cut_off_and_others_are_not() {
    let (connection, mut fake) = connected();
    let (_one, mut flooded) = connection.session("one".into());
    let (_two, mut calm) = connection.session("two".into());
    for _ in 0..20_000 {
        fake.send(&serde_json::json!({ "method": "A.b", "sessionId": "one" }))
            .await;
    }
    fake.send(&serde_json::json!({ "method": "A.c", "sessionId": "two" }))
        .await;
    assert_eq!(calm.recv().await.unwrap().method, "A.c");
    let mut kept = 0;
    while flooded.recv().await.is_some() {
        kept += 1;
    }
    assert!(kept < 20_000);
}

/// The transport of `headless_chrome` itself takes 100 ms for each call.
#[test]
fn a_call_waits_for_nothing_but_the_browser() {
    testing::run(async {
        let page = testing::renderer().await.page().await.unwrap();
        let mut times = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            page.browser()
                .connection()
                .call(Browser::GetVersion(None))
                .await
                .unwrap();
            times.push(start.elapsed());
        }
        times.sort_unstable();
        // The quickest ones, since what else the machine does must not count; a pause would be in each.
        let quick = times[times.len() / 20];
        assert!(quick < Duration::from_millis(10), "{quick:?}");
    });
}
