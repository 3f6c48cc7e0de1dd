//! Customers' own buckets, over the guarded client: what arrives there, and what is said when nothing does.

use common::egress::Policy;
use common::fetch::Client;
use common::fetch::bucket::Trouble;
use common::objects::{Label, ObjectKey};
use common::storage::Target;
use platen_tests::s3::S3;
use platen_tests::{Reply, Site};

use super::{MIB, bytes};

const KEY: &str = "job_1/a.pdf";

fn client(open: &str) -> Client {
    let ranges = open.split_whitespace().map(|range| range.parse().unwrap());
    Client::new(&Policy::new(ranges.collect()), "tests").unwrap()
}

async fn put(client: &Client, target: &Target, content: &[u8]) -> Result<(), Trouble> {
    let bucket = client.bucket(target).unwrap();
    let label = Label {
        content_type: Some("application/pdf".into()),
        disposition: Some("inline".into()),
    };
    let mut writer = bucket.writer(&ObjectKey::from_stored(KEY.into()), label);
    for piece in content.chunks(MIB + 1) {
        writer.write(piece).await.map_err(|_| bucket.trouble())?;
    }
    writer
        .finish()
        .await
        .map(drop)
        .map_err(|_| bucket.trouble())
}

/// A bucket at a site that answers every put alike.
fn target_at(site: &Site, endpoint: &str) -> Target {
    let mut target = S3::shared().bucket().target();
    target.place.bucket = "mine".into();
    target.place.endpoint = endpoint.replace("PORT", site.port()).parse().ok();
    target
}

#[tokio::test]
async fn short_and_long_results_arrive_whole_with_their_label() {
    let (client, bucket) = (client("127.0.0.0/8"), S3::shared().bucket());
    for (length, label_on) in [(MIB, "PUT"), (17 * MIB, "POST")] {
        let content = bytes(length);
        put(&client, &bucket.target(), &content).await.unwrap();
        assert!(bucket.read(KEY).unwrap() == content, "{length} bytes");
        let calls = bucket.calls();
        let mut labelled = calls.iter().filter(|call| call.disposition == "inline");
        let last = labelled.next_back().unwrap();
        assert_eq!(
            (last.method.as_str(), last.content_type.as_str()),
            (label_on, "application/pdf")
        );
    }
}

#[tokio::test]
async fn what_a_store_answers_is_said_in_words_of_ours() {
    let client = client("127.0.0.0/8");
    let bucket = S3::shared().bucket();
    let mut wrong = bucket.target();
    wrong.keys.secret = "wrong".into();
    let denied = put(&client, &wrong, b"x").await.unwrap_err();
    assert_eq!(
        denied,
        Trouble::Denied(Some("SignatureDoesNotMatch".into()))
    );
    let mut missing = bucket.target();
    missing.place.bucket = "no-such-bucket".into();
    let trouble = put(&client, &missing, b"x").await;
    assert_eq!(trouble, Err(Trouble::NoBucket));

    let (site, other) = (Site::start().await, Site::start().await);
    let path = format!("/mine/{KEY}");
    let long = format!("<Code>{}</Code>", "x".repeat(10 * MIB));
    for (reply, expected) in [
        (Reply::redirect(other.url("/")), Trouble::Elsewhere),
        (
            Reply::new("text/xml", long).with_status(403),
            Trouble::Unclear,
        ),
        (Reply::status(400), Trouble::Status(400, None)),
    ] {
        site.script(&path, vec![reply]);
        let target = target_at(&site, "http://127.0.0.1:PORT");
        assert_eq!(put(&client, &target, b"x").await, Err(expected));
    }
    assert_eq!(other.connections(), 0, "a redirect is not followed");
}

#[tokio::test]
async fn a_host_that_may_not_be_called_is_not_dialled() {
    let site = Site::start().await;
    for (open, endpoint) in [
        ("", "https://127.0.0.1:PORT"),
        ("", "https://localhost:PORT"),
        ("", "http://127.0.0.1:PORT"),
        ("10.0.0.0/8", "http://localhost:PORT"),
    ] {
        let target = target_at(&site, endpoint);
        let refused = put(&client(open), &target, b"x").await.unwrap_err();
        assert!(
            matches!(refused, Trouble::Refused(_)),
            "{endpoint}: {refused}"
        );
        assert!(!refused.may_pass());
    }
    assert_eq!(site.connections(), 0);
}
