//! The description of the API as a test uses it: with every address in it on this machine.

use serde_json::Value;

use crate::{Api, Site};

/// The description that a server answers, with the addresses of its examples on this site.
pub async fn document(api: &Api, site: &Site) -> Value {
    let answer = api.get("/openapi.json").await.expect(200);
    let text = String::from_utf8(answer.body.to_vec()).expect("JSON is text");
    let text = text.replace("https://example.com", site.origin());
    serde_json::from_str(&text).expect("it is still JSON")
}

/// Every operation: its method, its path, itself.
pub fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations").iter();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations.collect()
}
