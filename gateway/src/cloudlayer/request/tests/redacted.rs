//! What stays of a request in its row.

use super::*;

#[test]
fn secrets_and_documents_do_not_stay() {
    let request = accepted(
        URL_PDF,
        &json!({
            "url": "https://user:secret@example.com/a?b=c",
            "webhook": "https://user:secret@example.com/hook",
            "authentication": {"username": "user", "password": "secret", "token": "secret"},
            "cookies": [{"name": "a", "value": "secret", "url": "https://u:secret@a.b/", "extra": "secret"}],
            "extra": "secret",
            "storage": {"id": "sto_00000000000070008000000000000000", "secretAccessKey": "secret"},
            "scale": 1.5,
            "name": "a",
            "emulateMediaType": null,
        }),
    );
    let expected = json!({
        "url": "https://example.com/a?b=c",
        "webhook": "https://example.com/hook",
        "authentication": {"username": "user", "password": "..."},
        "cookies": [{"name": "a", "value": "...", "url": "https://a.b/"}],
        "storage": {"id": "sto_00000000000070008000000000000000"},
        "scale": 1.5,
        "name": "a",
        "emulateMediaType": null,
    });
    assert_eq!(request.params, expected);

    let request = accepted(
        HTML_PDF,
        &json!({"authentication": "secret", "cookies": "secret"}),
    );
    assert_eq!(
        request.params,
        json!({"html": "...", "authentication": "...", "cookies": "..."})
    );
}

#[test]
fn long_values_do_not_stay() {
    let request = accepted(
        URL_PDF,
        &json!({
            "headerTemplate": {"template": "a".repeat(1025), "style": {"color": "red"}},
            "footerTemplate": {"template": "short"},
        }),
    );
    assert_eq!(
        request.params["headerTemplate"],
        json!({"template": "...", "style": {"color": "red"}})
    );
    assert_eq!(
        request.params["footerTemplate"],
        json!({"template": "short"})
    );

    let request = accepted(
        URL_PDF,
        &json!({"margin": {"junk": "a".repeat(20_000)}, "name": "kept"}),
    );
    assert_eq!(request.params["margin"], json!("..."));
    assert_eq!(request.params["name"], json!("kept"));
    assert!(request.params.to_string().len() <= 16 * 1024);
}

#[test]
fn what_postgresql_cannot_hold_does_not_stay() {
    let request = accepted(
        URL_PDF,
        &json!({"viewPort": {"width": 1, "height": 1, "a\u{0}b": "c\u{0}d"}}),
    );
    assert_eq!(request.params["viewPort"]["ab"], json!("cd"));
}
