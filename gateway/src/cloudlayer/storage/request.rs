//! The request that saves a bucket (reference section 9). No complaint repeats a key.

use common::egress::{Policy, check_address, confirm_address};
use common::storage::{Keys, Place};
use serde_json::Value;
use url::Url;

use crate::error::ApiError;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;
use crate::webhooks::object;

/// The longest parts of an access key, in bytes.
const ID_LIMIT: usize = 256;
const SECRET_LIMIT: usize = 1024;

/// A bucket as it was sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) title: String,
    pub(super) place: Place,
    pub(super) keys: Keys,
}

/// Reads the request.
pub(super) async fn read(body: &[u8], policy: &Policy) -> Result<Request, ApiError> {
    let map = object(body)?;
    let fields = Fields::root(&map);
    let request = parse(&fields, policy)?;
    if let Some(endpoint) = &request.place.endpoint {
        let confirmed = confirm_address(endpoint, policy).await;
        confirmed.map_err(|refused| fields.invalid("endpoint", refused.to_string()))?;
    }
    Ok(request)
}

pub(crate) fn parse(fields: &Fields<'_>, policy: &Policy) -> Result<Request, Invalid> {
    let region = "the region of the bucket, such as `us-east-1`";
    let endpoint = fields.maybe("endpoint", |field| endpoint(field, policy))?;
    Ok(Request {
        title: fields.require("title", "a name for the storage", title)?,
        place: Place {
            endpoint: endpoint.flatten(),
            region: fields.require("region", region, |field| plain(field, 64, "-"))?,
            bucket: fields.require("bucket", "the name of the bucket", bucket)?,
        },
        keys: Keys {
            id: fields.require("accessKeyId", "the id of the access key", |field| {
                key(field, ID_LIMIT)
            })?,
            secret: fields.require("secretAccessKey", "the secret of the access key", |field| {
                key(field, SECRET_LIMIT)
            })?,
        },
    })
}

fn title(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.line(200)?.trim();
    if text.is_empty() {
        return Err(field.invalid("must not be empty"));
    }
    Ok(text.to_owned())
}

fn bucket(field: &Field<'_>) -> Result<String, Invalid> {
    let name = plain(field, 255, ".-_")?;
    if name.bytes().all(|byte| byte == b'.') {
        return Err(field.invalid("must be the name of a bucket"));
    }
    Ok(name)
}

/// Letters, digits and these: what becomes part of a host or a path.
fn plain(field: &Field<'_>, most: usize, others: &str) -> Result<String, Invalid> {
    let text = field.line(most)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if !text.chars().all(allowed) {
        let others: Vec<String> = others.chars().map(|c| format!("`{c}`")).collect();
        return Err(field.unlike(&format!("letters, digits and {}", others.join(", "))));
    }
    Ok(text.to_owned())
}

/// What is sent in a header; never shown, whatever it is.
fn key(field: &Field<'_>, most: usize) -> Result<String, Invalid> {
    let Value::String(text) = field.value() else {
        return Err(field.invalid("must be a string"));
    };
    if text.is_empty() || text.len() > most || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(field.invalid(format!(
            "must be 1 to {most} visible ASCII characters, without spaces"
        )));
    }
    Ok(text.clone())
}

/// An empty one is none.
fn endpoint(field: &Field<'_>, policy: &Policy) -> Result<Option<Url>, Invalid> {
    if field.value().as_str() == Some("") {
        return Ok(None);
    }
    let text = field.line(2048)?;
    let mut url =
        check_address(text, policy).map_err(|refused| field.invalid(refused.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(field.invalid("must not hold a login: the keys are fields of their own"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(field.invalid("must be the address of the store alone, without `?` and `#`"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(name: &str, value: Value) -> Result<Request, Invalid> {
        let mut body = json!({
            "title": "Mine", "region": "us-east-1", "bucket": "my.bucket",
            "accessKeyId": "AKIAEXAMPLE", "secretAccessKey": "hush-hush/+=",
            "endpoint": "https://s3.example/base/",
        });
        body[name] = value;
        let policy = Policy::default();
        parse(&Fields::root(body.as_object().unwrap()), &policy)
    }

    #[test]
    fn a_bucket_is_read_whole_and_amazon_needs_no_endpoint() {
        let request = with("title", json!(" Mine ")).unwrap();
        assert_eq!(request.title, "Mine");
        let endpoint = request.place.endpoint.unwrap();
        assert_eq!(endpoint.as_str(), "https://s3.example/base");
        for none in [json!(""), json!(null)] {
            let request = with("endpoint", none).unwrap();
            assert_eq!(request.place.endpoint, None);
        }
    }

    #[test]
    fn what_would_leave_the_host_or_the_header_is_refused_by_name() {
        for (name, value, words) in [
            ("title", json!(""), "empty"),
            ("title", json!("  "), "empty"),
            ("region", json!("evil.example/#"), "letters, digits"),
            ("region", json!(null), "is missing"),
            ("bucket", json!("a/b"), "letters, digits"),
            ("bucket", json!(".."), "name of a bucket"),
            ("accessKeyId", json!("a b"), "visible ASCII"),
            ("secretAccessKey", json!("hush\r\n"), "visible ASCII"),
            ("secretAccessKey", json!(70_707), "must be a string"),
            ("endpoint", json!("s3.example"), "https"),
            ("endpoint", json!("http://s3.example"), "--allow-network"),
            ("endpoint", json!("https://10.0.0.1"), "--allow-network"),
            ("endpoint", json!("https://me:hush@s3.example"), "login"),
            ("endpoint", json!("https://s3.example/?a=b"), "without `?`"),
        ] {
            let invalid = with(name, value.clone()).unwrap_err();
            assert_eq!(invalid.field, name, "{value}");
            assert!(invalid.message.contains(words), "{invalid}");
            let shown = ["hush", "70707"]
                .iter()
                .any(|key| invalid.message.contains(key));
            assert!(!shown, "{invalid}");
        }
    }
}
