//! How long the texts of a picture may be together.

use common::task::layers::MAX_LETTERS;

use super::*;

#[test]
fn the_characters_of_all_texts_are_counted_together() {
    let half = words(&json!({ "text": "é".repeat(MAX_LETTERS / 2) }));
    let group = json!({ "type": "layout", "layers": [half] });
    assert_eq!(canvas(&json!([half, group])).layers.len(), 2);
    let one = words(&json!({ "text": "a" }));
    let crowd = read(&request(&json!([half, group, one]))).unwrap_err();
    assert_eq!(crowd.field, "layers[2].text");
    assert!(
        crowd.message.contains("at most 50000 characters"),
        "{crowd}"
    );
    let long = words(&json!({ "text": "a".repeat(MAX_LETTERS + 1) }));
    let invalid = read(&request(&json!([long]))).unwrap_err();
    assert_eq!(invalid.field, "layers[0].text");
}
