//! Which templates a list shows.

use super::*;

fn wanted(query: &str) -> Result<Wanted, String> {
    let uri = format!("/v2/templates{query}").parse().unwrap();
    Wanted::read(&uri).map_err(|error| error.to_string())
}

#[test]
fn the_query_is_read() {
    let all = wanted("?type=image&category=Banner&tags=a,%20b,&expand=true&other=1").unwrap();
    assert_eq!(all.kind, Some(TemplateKind::Image));
    assert_eq!(all.category.as_deref(), Some("Banner"));
    assert_eq!(all.tags, ["a", "b"]);
    assert!(all.expand);
    for (query, part) in [
        ("?type=docx", "`type` must be pdf or image"),
        ("?expand=perhaps", "`expand`"),
    ] {
        let error = wanted(query).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}
