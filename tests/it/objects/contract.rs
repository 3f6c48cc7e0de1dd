//! What holds wherever objects are.

use std::time::Duration;

use common::clock::Clock;
use common::id::{JobId, RunId};
use common::objects::{ObjectError, ObjectKey, Objects};
use futures::TryStreamExt as _;
use platen_tests::s3::S3;

use super::{MIB, artifact, assert_missing, bytes, keys, write};

/// Runs every named claim in a folder and in a bucket.
macro_rules! on_both {
    ($($claim:ident),+ $(,)?) => {
        mod local {
            $(#[tokio::test]
            async fn $claim() {
                let folder = tempfile::tempdir().unwrap();
                let objects = common::objects::Objects::local(folder.path()).unwrap();
                super::$claim(objects).await;
            })+
        }
        mod s3 {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(super::S3::shared().bucket().objects()).await;
            })+
        }
    };
}

on_both!(
    what_is_put_is_read_back_whole_and_in_part,
    an_empty_object_is_an_object,
    a_long_object_is_there_once_it_is_finished_and_not_before,
    an_abandoned_object_leaves_nothing,
    writers_at_the_same_time_do_not_mix,
    a_longer_object_than_asked_for_is_refused,
    what_is_not_there_is_missing,
    deleting_a_run_leaves_its_neighbour,
    a_listing_names_every_object_its_job_and_its_time,
    a_store_that_is_there_answers,
);

async fn what_is_put_is_read_back_whole_and_in_part(objects: Objects) {
    let key = artifact("result.pdf");
    objects.put(&key, "0123456789".into()).await.unwrap();
    assert_eq!(objects.read(&key, 10).await.unwrap(), "0123456789");
    assert_eq!(objects.size(&key).await.unwrap(), 10);
    for (asked, range, expected) in [
        (None, 0..10, "0123456789"),
        (Some(2..5), 2..5, "234"),
        (Some(8..99), 8..10, "89"),
    ] {
        let part = objects.open(&key, asked).await.unwrap();
        assert_eq!((part.size, part.range.clone()), (10, range));
        let read: Vec<_> = part.stream.try_collect().await.unwrap();
        assert_eq!(read.concat(), expected.as_bytes());
    }
    objects
        .put_typed(&key, "again".into(), "text/plain")
        .await
        .unwrap();
    assert_eq!(objects.read(&key, 10).await.unwrap(), "again");
}

async fn an_empty_object_is_an_object(objects: Objects) {
    let (put, written) = (artifact("put.txt"), artifact("written.txt"));
    objects.put(&put, "".into()).await.unwrap();
    assert_eq!(write(&objects, &written, b"").await.unwrap(), 0);
    for key in [put, written] {
        assert_eq!(objects.read(&key, 0).await.unwrap(), "");
        let opened = objects.open(&key, None).await.unwrap();
        assert_eq!((opened.size, opened.range), (0, 0..0));
    }
}

async fn a_long_object_is_there_once_it_is_finished_and_not_before(objects: Objects) {
    let (key, content) = (artifact("result.pdf"), bytes(17 * MIB));
    let mut writer = objects.writer(key.clone()).typed("application/pdf");
    writer.write(&content).await.unwrap();
    assert_missing(objects.read(&key, u64::MAX).await, &key);
    assert_eq!(keys(&objects).await, []);
    assert_eq!(writer.finish().await.unwrap(), content.len() as u64);
    let read = objects.read(&key, u64::MAX).await.unwrap();
    assert!(read == content, "{} bytes came back changed", read.len());
    // The same at once.
    let put = artifact("result.png");
    let typed = objects.put_typed(&put, read.clone(), "image/png");
    typed.await.unwrap();
    let last = objects.open(&put, Some(16 * 1024 * 1024 - 1..16 * 1024 * 1024 + 1));
    let last: Vec<_> = last.await.unwrap().stream.try_collect().await.unwrap();
    assert_eq!(last.concat(), content[16 * MIB - 1..=16 * MIB]);
}

async fn an_abandoned_object_leaves_nothing(objects: Objects) {
    let key = artifact("result.pdf");
    let mut writer = objects.writer(key.clone());
    writer.write(&bytes(9 * MIB)).await.unwrap();
    writer.abort().await.unwrap();
    assert_missing(objects.size(&key).await, &key);
    assert_eq!(keys(&objects).await, []);
    write(&objects, &key, b"another").await.unwrap();
    assert_eq!(objects.read(&key, 7).await.unwrap(), "another");
}

async fn writers_at_the_same_time_do_not_mix(objects: Objects) {
    let contents: Vec<_> = (1..=4)
        .map(|number| bytes(9 * MIB + 1024 * number))
        .collect();
    let written = contents.iter().map(async |content| {
        let key = artifact("result.pdf");
        write(&objects, &key, content).await.unwrap();
        key
    });
    let written = futures::future::join_all(written).await;
    for (key, content) in written.iter().zip(&contents) {
        assert!(objects.read(key, u64::MAX).await.unwrap() == *content);
    }
}

async fn a_longer_object_than_asked_for_is_refused(objects: Objects) {
    let key = ObjectKey::input(JobId::new(), "page.html");
    objects.put(&key, "12345".into()).await.unwrap();
    assert!(matches!(
        objects.read(&key, 4).await,
        Err(ObjectError::TooLong { limit: 4, .. })
    ));
}

async fn what_is_not_there_is_missing(objects: Objects) {
    let key = artifact("result.pdf");
    assert_missing(objects.read(&key, 9).await, &key);
    assert_missing(objects.open(&key, Some(0..1)).await, &key);
    assert_missing(objects.size(&key).await, &key);
    objects.delete(&key).await.unwrap();
    objects.put(&key, "x".into()).await.unwrap();
    objects.delete(&key).await.unwrap();
    assert_missing(objects.read(&key, 9).await, &key);
}

async fn deleting_a_run_leaves_its_neighbour(objects: Objects) {
    let (job, gone, kept) = (JobId::new(), RunId::new(), RunId::new());
    for run in [gone, kept] {
        for name in ["result.pdf", "preview.webp"] {
            let key = ObjectKey::artifact(job, run, name);
            objects.put(&key, "x".into()).await.unwrap();
        }
    }
    objects.delete_run(job, gone).await.unwrap();
    let left = ["preview.webp", "result.pdf"].map(|name| ObjectKey::artifact(job, kept, name));
    assert_eq!(keys(&objects).await, left);
    objects.delete_run(job, gone).await.unwrap();
}

async fn a_listing_names_every_object_its_job_and_its_time(objects: Objects) {
    let before = Clock::system().now();
    let job = JobId::new();
    let mut put = [
        ObjectKey::input(job, "page.html"),
        ObjectKey::artifact(job, RunId::new(), "result.pdf"),
    ];
    for key in &put {
        objects.put(key, "x".into()).await.unwrap();
    }
    put.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    assert_eq!(keys(&objects).await, put);
    let listed: Vec<_> = objects.list().try_collect().await.unwrap();
    for object in listed {
        assert_eq!(object.key.job(), Some(job));
        // S3 tells times in whole seconds.
        assert!(
            object.written_at >= before - Duration::from_secs(2),
            "{object:?}"
        );
    }
    assert_eq!(objects.delete_halves(before).await.unwrap(), 0);
    assert_eq!(keys(&objects).await, put);
}

async fn a_store_that_is_there_answers(objects: Objects) {
    objects.ping().await.unwrap();
    objects
        .put(&artifact("result.pdf"), "x".into())
        .await
        .unwrap();
    objects.ping().await.unwrap();
}
