use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Instrument as _;
use tracing_subscriber::filter::Targets;

use super::spans::{LOG, TARGET};
use super::*;

/// What was written.
#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_line_of_spawned_work_says_what_it_is_about_whatever_the_filter() {
    let written = Written::default();
    let writer = written.clone();
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(move || writer.clone())
        .with_filter(quieted("renderer::engine=debug").unwrap());
    // As with a collector: the spans of traces are there, and hidden from lines.
    let traces = tracing_subscriber::fmt::layer()
        .with_writer(io::sink)
        .with_filter(Targets::new().with_target(TARGET, tracing::Level::INFO));
    let installed = registry().with(traces).with(lines);
    let _installed = tracing::subscriber::set_default(installed);
    let log = tracing::error_span!(target: LOG, "job", job.id = "job_7");
    let span = tracing::info_span!(target: TARGET, "process");
    let work = async {
        let line = async { tracing::debug!(target: "renderer::engine", "tried again") };
        tokio::spawn(line.instrument(span.clone()).in_current_span()).await
    };
    let done = work.instrument(log).instrument(span.clone()).await;
    done.unwrap();
    let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("tried again"), "{written}");
    assert!(written.contains("job_7"), "{written}");
    assert!(!written.contains("process"), "{written}");
}
