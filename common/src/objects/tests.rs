use super::*;

#[tokio::test]
async fn an_abandoned_upload_leaves_not_even_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    let key = ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf");
    let mut writer = objects.writer(key);
    writer.write(&vec![7_u8; writer::PART]).await.unwrap();
    writer.abort().await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 0);
}

#[tokio::test]
async fn a_folder_that_is_gone_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    folder.close().unwrap();
    let pinged = objects.ping().await;
    assert!(matches!(pinged, Err(ObjectError::Folder { .. })));
}
