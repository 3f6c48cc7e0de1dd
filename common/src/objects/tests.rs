use super::*;

fn fresh() -> (tempfile::TempDir, Objects) {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    (folder, objects)
}

#[tokio::test]
async fn what_is_put_is_read_back_whole_and_in_part() {
    let (_folder, objects) = fresh();
    let key = ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf");
    objects
        .put(&key, Bytes::from_static(b"0123456789"))
        .await
        .unwrap();
    assert_eq!(objects.read(&key, 10).await.unwrap(), "0123456789");
    let part = objects.open(&key, Some(2..5)).await.unwrap();
    assert_eq!((part.size, part.range.clone()), (10, 2..5));
    let bytes: Vec<Bytes> = part.stream.try_collect().await.unwrap();
    assert_eq!(bytes.concat(), b"234");
}

#[tokio::test]
async fn a_long_upload_appears_only_when_finished() {
    let (_folder, objects) = fresh();
    let key = ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf");
    let mut writer = objects.writer(key.clone());
    let piece = vec![7_u8; PART];
    for _ in 0..2 {
        writer.write(&piece).await.unwrap();
    }
    writer.write(b"end").await.unwrap();
    assert!(matches!(
        objects.read(&key, u64::MAX).await,
        Err(ObjectError::Missing(_))
    ));
    let size = writer.finish().await.unwrap();
    let read = objects.read(&key, u64::MAX).await.unwrap();
    assert_eq!(read.len() as u64, size);
    assert!(read.ends_with(b"end"));
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let (folder, objects) = fresh();
    let mut writer = objects.writer(ObjectKey::artifact(
        JobId::new(),
        RunId::new(),
        "result.pdf",
    ));
    writer.write(&vec![7_u8; PART]).await.unwrap();
    writer.abort().await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 0);
}

#[tokio::test]
async fn a_longer_object_than_asked_for_is_refused() {
    let (_folder, objects) = fresh();
    let key = ObjectKey::input(JobId::new(), "page.html");
    objects
        .put(&key, Bytes::from_static(b"12345"))
        .await
        .unwrap();
    assert!(matches!(
        objects.read(&key, 4).await,
        Err(ObjectError::TooLong { limit: 4, .. })
    ));
}

#[tokio::test]
async fn deleting_a_run_leaves_its_neighbour() {
    let (_folder, objects) = fresh();
    let (job, gone, kept) = (JobId::new(), RunId::new(), RunId::new());
    for run in [gone, kept] {
        objects
            .put(
                &ObjectKey::artifact(job, run, "result.pdf"),
                Bytes::from_static(b"x"),
            )
            .await
            .unwrap();
    }
    objects.delete_run(job, gone).await.unwrap();
    assert!(
        objects
            .read(&ObjectKey::artifact(job, gone, "result.pdf"), 9)
            .await
            .is_err()
    );
    assert_eq!(
        objects
            .read(&ObjectKey::artifact(job, kept, "result.pdf"), 9)
            .await
            .unwrap(),
        "x"
    );
}
