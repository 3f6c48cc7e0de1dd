//! Metrics as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use hyper::Method;
use hyper::body::Bytes;

use crate::Api;

/// What a process has answered to a scrape.
#[derive(Debug)]
pub struct Exposition {
    text: String,
    series: Vec<Series>,
}

#[derive(Debug)]
struct Series {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Exposition {
    /// Scrapes an address.
    ///
    /// # Panics
    ///
    /// When it does not answer with metrics.
    pub async fn read(address: &str) -> Self {
        let url = format!("http://{address}/metrics");
        let answer = Api::new("", "")
            .raw(Method::GET, &url, &[], Bytes::new())
            .await
            .expect("it is answered")
            .expect(200);
        let text = String::from_utf8(answer.body.to_vec()).expect("metrics are text");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let series = lines.map(series).collect();
        Self { text, series }
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of its metrics; of durations without `_bucket` and the like.
    pub fn names(&self) -> BTreeSet<String> {
        let types = self.text.lines().filter_map(|line| {
            let mut words = line.strip_prefix("# TYPE ")?.split(' ');
            words.next().map(str::to_owned)
        });
        types.collect()
    }

    /// The sum of the series of a name that have these labels, among others; none if there is no series.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |series: &&Series| {
            let fits = |(label, value): &(&str, &str)| {
                series.labels.get(*label).is_some_and(|is| is == value)
            };
            series.name == name && labels.iter().all(fits)
        };
        let found = self.series.iter().filter(has).map(|series| series.value);
        found.reduce(|sum, value| sum + value)
    }

    /// The same, as whole events.
    ///
    /// # Panics
    ///
    /// When there is no such series.
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let value = self
            .find(name, labels)
            .unwrap_or_else(|| panic!("there is no {name} {labels:?} in: {}", self.text));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let count = value.round() as u64;
        count
    }

    /// What `promtool check metrics` says of it.
    ///
    /// # Panics
    ///
    /// When there is no promtool.
    pub fn complaints(&self) -> String {
        let mut promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("promtool is installed (deploy/install.sh test)");
        let mut stdin = promtool.stdin.take().expect("it is piped");
        stdin
            .write_all(self.text.as_bytes())
            .expect("promtool reads");
        drop(stdin);
        let output = promtool.wait_with_output().expect("promtool ends");
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    }
}

/// Reads a line such as `name{label="value"} 1`.
fn series(line: &str) -> Series {
    let (head, value) = line.rsplit_once(' ').expect("a value stands at the end");
    let (name, labels) = head.split_once('{').unwrap_or((head, "}"));
    let labels = labels.trim_end_matches('}').split_terminator("\",");
    let label = |text: &str| {
        let (label, value) = text.split_once("=\"").expect("a label has a value");
        (label.to_owned(), value.trim_end_matches('"').to_owned())
    };
    Series {
        name: name.to_owned(),
        labels: labels.map(label).collect(),
        value: value.parse().expect("a value is a number"),
    }
}
