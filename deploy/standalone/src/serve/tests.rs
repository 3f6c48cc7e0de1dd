use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    shared: Shared,
    #[command(flatten)]
    options: Options,
}

#[tokio::test]
async fn a_first_start_that_fails_does_not_use_up_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let command = Command::parse_from([
        "platen",
        "--listen",
        "127.0.0.1:0",
        "--browser",
        "/there/is/no/browser",
        "--data-dir",
        data.to_str().unwrap(),
    ]);
    let failed = run(command.options, &command.shared, &Output::new(true)).await;
    let text = format!("{:#}", failed.unwrap_err());
    assert!(text.contains("/there/is/no/browser"), "{text}");
    let store = DataDir::open(&data).unwrap().store().await.unwrap();
    assert!(store.accounts().await.unwrap().is_empty());
}

#[test]
fn models_switch_their_feature_on_only_where_pictures_are_painted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("background.onnx"), "").unwrap();
    let with = |lanes: Vec<Lane>| {
        let renderer = renderer::Config {
            lanes,
            model_dir: Some(folder.path().to_owned()),
            ..renderer::Config::default()
        };
        let gateway = with_models(gateway::Config::default(), &renderer);
        gateway.features.contains(&Feature::Models)
    };
    assert!(with(vec![Lane::Browser, Lane::Native]));
    assert!(!with(vec![Lane::Browser]));
}
