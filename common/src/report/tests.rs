use super::*;

fn complaint(text: String) -> Complaint {
    Complaint {
        uncaught: false,
        text,
        place: None,
    }
}

fn lap(phase: Phase) -> Lap {
    Lap {
        phase,
        at: Timestamp::from_micros(1_700_000_000_000_000),
        took_us: 1500,
    }
}

#[test]
fn the_first_complaints_are_kept_and_the_others_counted() {
    let mut noted = Noted::default();
    for number in 0..25 {
        noted.note(number);
    }
    assert_eq!(noted.entries, (0..20).collect::<Vec<_>>());
    assert_eq!(noted.more, 5);
}

#[test]
fn whatever_a_renderer_sends_is_kept_within_the_limit() {
    let mut report = Report::default();
    let mut longest = complaint("\"".repeat(5000));
    longest.place = Some("\\".repeat(5000));
    report.console.entries = vec![longest; 30];
    report.console.entries[0].text = "ü".repeat(500);
    report.phases = vec![lap(Phase::Navigate); 500];
    let bounded = report.bounded();
    assert!(bounded.size() <= REPORT_LIMIT, "{}", bounded.size());
    assert_eq!(bounded.phases.len(), PHASES);
    let kept = bounded.console.entries.len();
    assert!(kept > 0 && kept < 20, "{kept}");
    assert_eq!(bounded.console.more + kept as u64, 30);
    assert_eq!(bounded.console.entries[0].text, "ü".repeat(150));
}

#[test]
fn what_is_kept_can_be_shown_in_a_terminal() {
    let mut report = Report::default();
    report.console.note(complaint("a\u{1b}[2J\r\nb".to_owned()));
    report.requests.note(FailedRequest {
        url: "h\u{202e}".to_owned(),
        status: None,
        error: Some("\u{9b}x".to_owned()),
        refused: false,
    });
    let bounded = report.bounded();
    assert_eq!(bounded.console.entries[0].text, "a [2J  b");
    assert_eq!(bounded.requests.entries[0].url, "h ");
    assert_eq!(bounded.requests.entries[0].error.as_deref(), Some(" x"));
}

#[test]
fn a_stored_report_that_cant_be_read_is_an_empty_one() {
    let unknown = r#"{"phases":[{"phase":"dance","at":1,"took_us":2}]}"#;
    assert_eq!(stored(unknown), Report::default());
    assert_eq!(stored("no JSON"), Report::default());
    let known = r#"{"phases":[{"phase":"wait","at":1,"took_us":2,"x":3}],"y":4}"#;
    assert_eq!(stored(known).phases[0].phase, Phase::Wait);
}

#[test]
fn a_report_of_a_later_version_is_none() {
    #[derive(Deserialize)]
    struct Message {
        #[serde(default, deserialize_with = "lenient")]
        report: Report,
    }
    let read = |json: &str| serde_json::from_str::<Message>(json).unwrap().report;
    assert_eq!(read("{}"), Report::default());
    let unknown = r#"{"report":{"phases":[{"phase":"dance","at":1,"took_us":2}]}}"#;
    assert_eq!(read(unknown), Report::default());
    let known = r#"{"report":{"phases":[{"phase":"wait","at":1,"took_us":2,"x":3}],"y":4}}"#;
    assert_eq!(read(known).phases[0].phase, Phase::Wait);
}
