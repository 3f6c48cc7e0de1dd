//! A store that is away for a while: the caller learns of it soon, and starts again from the beginning.

use std::time::{Duration, Instant};

use common::objects::{Config, ObjectError, Objects};
use futures::TryStreamExt as _;
use futures::future::join_all;
use platen_tests::cable::Cable;
use platen_tests::eventually;
use platen_tests::s3::S3;

use super::{MIB, artifact, bytes, keys, write};

#[track_caller]
fn assert_away<T: std::fmt::Debug>(result: Result<T, ObjectError>) {
    assert!(matches!(result, Err(ObjectError::Store(_))), "{result:?}");
}

async fn check(away: impl Fn(&S3, bool)) {
    let server = S3::start();
    let bucket = server.bucket();
    let objects = bucket.objects();
    let (stored, key, content) = (artifact("a.pdf"), artifact("b.pdf"), bytes(17 * MIB));
    write(&objects, &stored, &content).await.unwrap();

    away(&server, true);
    let before = bucket.calls().len();
    assert_away(objects.ping().await);
    assert_away(objects.put(&key, "x".into()).await);
    assert_away(objects.read(&stored, u64::MAX).await);
    assert_away(objects.delete(&stored).await);
    assert_away(keys_or_error(&objects).await);
    assert_away(write(&objects, &key, &content).await);
    let tries = bucket.calls().len() - before;
    assert!(tries <= 6 * 3, "six calls were tried {tries} times");
    away(&server, false);

    // Between two parts, and before the end.
    for before in [9 * MIB, content.len()] {
        let mut writer = objects.writer(key.clone());
        writer.write(&content[..before]).await.unwrap();
        away(&server, true);
        if before < content.len() {
            assert_away(writer.write(&content[before..]).await);
            away(&server, false);
            assert_away(writer.finish().await);
        } else {
            assert_away(writer.finish().await);
        }
        away(&server, false);
        assert_eq!(keys(&objects).await, std::slice::from_ref(&stored));
        write(&objects, &key, &content).await.unwrap();
        assert!(objects.read(&key, u64::MAX).await.unwrap() == content);
        objects.delete(&key).await.unwrap();
    }
    objects.ping().await.unwrap();
}

async fn keys_or_error(objects: &Objects) -> Result<usize, ObjectError> {
    let listed: Vec<_> = objects.list().try_collect().await?;
    Ok(listed.len())
}

#[tokio::test]
async fn a_store_that_refuses_for_a_while_loses_nothing() {
    check(S3::refuse).await;
}

#[tokio::test]
async fn a_store_that_cuts_connections_for_a_while_loses_nothing() {
    check(S3::cut).await;
}

#[tokio::test]
async fn a_hiccup_is_not_noticed() {
    let server = S3::start();
    let bucket = server.bucket();
    let (objects, key) = (bucket.objects(), artifact("result.pdf"));
    server.refuse(true);
    let put = objects.put(&key, "x".into());
    let back = async {
        server.wait_for(|calls| !calls.is_empty()).await;
        server.refuse(false);
    };
    let (put, ()) = futures::join!(put, back);
    put.unwrap();
    assert_eq!(objects.read(&key, 1).await.unwrap(), "x");
}

#[tokio::test]
async fn nobody_at_the_address_is_a_store_that_is_away() {
    let bucket = S3::shared().bucket();
    let mut config = bucket.config();
    config.s3_endpoint = Some("http://127.0.0.1:9".to_owned());
    assert_away(Objects::s3(&config).unwrap().ping().await);
}

#[tokio::test]
async fn a_store_that_vanishes_without_a_word_is_reached_again_within_the_same_call() {
    const AT_ONCE: usize = 4;
    let bucket = S3::shared().bucket();
    let mut config = bucket.config();
    let (cable, by_cable) = Cable::along(config.s3_endpoint.as_ref().unwrap()).await;
    config.s3_endpoint = Some(by_cable);
    config.s3_timeout = Duration::from_secs(1);
    let objects = Objects::s3(&config).unwrap();
    let key = artifact("a.pdf");
    objects.put(&key, "before".into()).await.unwrap();
    // As many connections wait for what comes next.
    let reads = (0..AT_ONCE).map(|_| objects.read(&key, 100));
    join_all(reads).await.into_iter().for_each(|read| {
        read.unwrap();
    });
    cable.vanish();
    assert_eq!(objects.read(&key, 100).await.unwrap(), "before");
    cable.vanish();
    let other = artifact("b.pdf");
    objects.put(&other, "after".into()).await.unwrap();
    assert_eq!(objects.read(&other, 100).await.unwrap(), "after");
}

#[tokio::test]
async fn who_reads_slowly_is_not_taken_for_a_store_that_is_silent() {
    let bucket = S3::shared().bucket();
    let (key, content) = (artifact("a.pdf"), bytes(17 * MIB));
    write(&bucket.objects(), &key, &content).await.unwrap();
    let config = Config {
        s3_timeout: Duration::from_secs(5),
        ..bucket.config()
    };
    let objects = Objects::s3(&config).unwrap();
    let mut reading = objects.open(&key, None).await.unwrap();
    let mut read = Vec::from(reading.stream.try_next().await.unwrap().unwrap());
    let begun = Instant::now();
    eventually("more time than a store may be silent", || async {
        (begun.elapsed() > config.s3_timeout * 5 / 4).then_some(())
    })
    .await;
    while let Some(piece) = reading.stream.try_next().await.unwrap() {
        read.extend(piece);
    }
    assert!(read == content);
    let calls = bucket.calls();
    let gets = calls.iter().filter(|call| call.method == "GET").count();
    assert_eq!(gets, 1, "a silence would be answered by another read");
}
