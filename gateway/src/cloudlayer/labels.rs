//! Which jobs or assets a list shows: those of a project, those of a name. An extension of ours: the reference
//! knows both labels, and no filter.

use common::store::Labels;
use http::Uri;
use serde_json::{Map, Value};

use super::request::{label, project_id};
use crate::fields::Fields;
use crate::invalid::Invalid;

/// Reads the query; an empty label is none, and other parameters are the page's.
pub(super) fn labels(uri: &Uri) -> Result<Labels, Invalid> {
    let query = uri.query().unwrap_or_default();
    let map: Map<String, Value> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| matches!(name.as_ref(), "name" | "projectId"))
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    let fields = Fields::root(&map);
    Ok(Labels {
        name: fields.maybe("name", label)?.flatten(),
        project_id: fields.maybe("projectId", project_id)?.flatten(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_held_to_what_a_job_may_carry() {
        let read = |query: &str| labels(&format!("/v2/jobs?{query}").parse().unwrap());
        let both = Labels {
            name: Some("An invoice".to_owned()),
            project_id: Some("p1".to_owned()),
        };
        assert_eq!(read("name=An+invoice&limit=3&projectId=p1"), Ok(both));
        assert_eq!(read("name=&projectId="), Ok(Labels::default()));
        for (query, field) in [("name=a%00b", "name"), ("projectId=a%20b", "projectId")] {
            assert_eq!(read(query).unwrap_err().field, field);
        }
    }
}
