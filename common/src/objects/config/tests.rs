use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    s3: Config,
}

fn line(arguments: &[&str]) -> Config {
    Line::parse_from([&["platen"], arguments].concat()).s3
}

fn problems(arguments: &[&str]) -> Vec<String> {
    line(arguments)
        .check()
        .map_or_else(|all| all.0, |()| vec![])
}

#[test]
fn a_bucket_alone_is_enough_and_an_empty_text_counts_as_absent() {
    let config = line(&["--s3-bucket", "documents", "--s3-endpoint=", "--s3-prefix="]);
    assert_eq!(config.check(), Ok(()));
    assert_eq!(config.s3_region, "us-east-1");
}

#[test]
fn all_problems_are_told_at_once_and_name_their_settings() {
    let all = problems(&[
        "--s3-access-key-id=me",
        "--s3-endpoint=ftp://store",
        "--s3-public-endpoint=https://store/bucket",
        "--s3-prefix=/a//../b",
        "--s3-timeout=2m",
    ]);
    let settings = [
        "--s3-bucket",
        "--s3-access-key-id",
        "--s3-prefix",
        "--s3-endpoint",
        "--s3-public-endpoint",
        "--s3-timeout",
    ];
    assert_eq!(all.len(), settings.len(), "{all:#?}");
    for (problem, setting) in all.iter().zip(settings) {
        assert!(problem.starts_with(setting), "{problem}");
    }
}

#[test]
fn what_would_be_misunderstood_is_refused() {
    for (arguments, expected) in [
        (["--s3-endpoint=store:9000"], "not an http or https URL"),
        (["--s3-endpoint=https://store?x"], "a path or a query"),
        (["--s3-endpoint=https://me:hunter2@store"], "holds a login"),
        (["--s3-secret-access-key=hunter2"], "give both or none"),
        (["--s3-bucket=a/b"], "not a bucket's name"),
        (["--s3-prefix=/a"], "must be segments"),
        (["--s3-region="], "is empty"),
        (["--s3-timeout=61s"], "between 1s and 1m"),
        (["--s3-timeout=30ms"], "between 1s and 1m"),
    ] {
        let mut line = vec!["--s3-bucket=documents"];
        if arguments == ["--s3-bucket=a/b"] {
            line.clear();
        }
        line.extend(arguments);
        let all = problems(&line);
        assert_eq!(all.len(), 1, "{arguments:?}: {all:?}");
        assert!(all[0].contains(expected), "{all:?}");
    }
    let virtual_hosted = ["--s3-bucket=b", "--s3-endpoint=http://10.0.0.7:9000"];
    assert!(problems(&virtual_hosted).is_empty());
    assert_eq!(
        problems(&[&virtual_hosted[..], &["--s3-virtual-hosted"]].concat()).len(),
        1
    );
}

#[test]
fn nothing_prints_a_secret() {
    let config = line(&[
        "--s3-endpoint=https://me:hunter2@store",
        "--s3-secret-access-key=hunter2",
    ]);
    let printed = format!("{config:?} {:?}", config.s3_secret_access_key);
    let complaint = config.check().unwrap_err().to_string();
    assert!(!printed.contains("hunter2") && !complaint.contains("hunter2"));
}
