//! What S3 alone does: prefixes, parts, types, pages, and who is let in.

use common::id::{JobId, RunId};
use common::objects::{ObjectError, ObjectKey, Objects};
use platen_tests::s3::S3;

use super::{MIB, artifact, assert_missing, bytes, keys, write};

#[tokio::test]
async fn installations_in_one_bucket_do_not_see_each_other() {
    let bucket = S3::shared().bucket();
    let installation = |prefix: Option<&str>| {
        let s3_prefix = prefix.map(str::to_owned);
        Objects::s3(&common::objects::Config {
            s3_prefix,
            ..bucket.config()
        })
        .unwrap()
    };
    let (one, other) = (installation(Some("a")), installation(Some("ab/c")));
    let (job, run) = (JobId::new(), RunId::new());
    let key = ObjectKey::artifact(job, run, "result.pdf");
    one.put(&key, "one".into()).await.unwrap();
    assert_missing(other.read(&key, 9).await, &key);
    assert_eq!(keys(&other).await, []);
    other.put(&key, "other".into()).await.unwrap();
    assert_eq!(keys(&one).await, std::slice::from_ref(&key));
    assert_eq!(keys(&other).await, std::slice::from_ref(&key));
    other.delete_run(job, run).await.unwrap();
    assert_missing(other.read(&key, 9).await, &key);
    assert_eq!(one.read(&key, 9).await.unwrap(), "one");
    let root = keys(&installation(None)).await;
    assert_eq!(root, [ObjectKey::from_stored(format!("a/{key}"))]);
}

#[tokio::test]
async fn a_long_object_goes_in_equal_parts_and_a_short_one_at_once() {
    let bucket = S3::shared().bucket();
    let objects = bucket.objects();
    let (short, exact, long) = (artifact("a.pdf"), artifact("b.pdf"), artifact("c.pdf"));
    write(&objects, &short, &bytes(8 * MIB - 1)).await.unwrap();
    write(&objects, &exact, &bytes(16 * MIB)).await.unwrap();
    let content = bytes(20 * MIB).into();
    let put = objects.put_typed(&long, content, "application/pdf");
    put.await.unwrap();
    for (key, parts) in [(short, 0), (exact, 2), (long, 3)] {
        let calls = bucket.calls().into_iter();
        let calls: Vec<_> = calls
            .filter(|call| call.path.ends_with(key.as_str()))
            .collect();
        let sent = calls.iter().filter(|call| call.method == "PUT");
        let (parted, whole): (Vec<_>, Vec<_>) =
            sent.partition(|call| call.query.contains("partNumber="));
        assert_eq!(parted.len(), parts, "{calls:?}");
        assert_eq!(whole.len(), usize::from(parts == 0), "{calls:?}");
        // The first call names the type.
        assert_eq!(calls[0].content_type, "application/pdf", "{calls:?}");
    }
}

#[tokio::test]
async fn a_listing_goes_on_after_its_first_page() {
    let bucket = S3::shared().bucket();
    let job = JobId::new();
    let put: Vec<_> = (0..1010)
        .map(|number| ObjectKey::input(job, &format!("{number:04}.html")))
        .collect();
    bucket.plant(&put);
    assert_eq!(keys(&bucket.objects()).await, put);
    assert_eq!(bucket.calls().len(), 2);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_does_not_answer() {
    let bucket = S3::shared().bucket();
    let mut config = bucket.config();
    config.s3_bucket = Some("nowhere".to_owned());
    let gone = Objects::s3(&config).unwrap().ping().await;
    assert!(matches!(gone, Err(ObjectError::Store(_))), "{gone:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_at_once() {
    let bucket = S3::shared().bucket();
    let mut config = bucket.config();
    config.s3_secret_access_key = Some("hunter2".parse().unwrap());
    let objects = Objects::s3(&config).unwrap();
    let key = artifact("result.pdf");
    for refused in [
        objects.ping().await,
        objects.put(&key, "x".into()).await,
        objects.read(&key, 9).await.map(drop),
        objects.delete(&key).await,
    ] {
        match refused {
            Err(error @ ObjectError::Refused(_)) => {
                assert!(error.to_string().contains("access key"), "{error}");
                assert!(!format!("{error:?}").contains("hunter2"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bucket.calls().len(), 4, "nothing is tried again");
}
