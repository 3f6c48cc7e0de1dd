//! Templates and data out of files.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value};

use super::templates::{self, SAMPLE_LIMIT, STORED_LIMIT};

/// A template that is short enough to be kept and can be understood.
pub(super) async fn template(path: &Path) -> anyhow::Result<String> {
    let source = text(path).await?;
    anyhow::ensure!(
        source.len() <= STORED_LIMIT,
        "{} has more than {} KiB, which is the most of a template that is kept",
        path.display(),
        STORED_LIMIT / 1024
    );
    templates::check(&source).with_context(|| path.display().to_string())?;
    Ok(source)
}

/// A JSON object.
pub(super) async fn sample(path: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(path) = path else {
        return Ok(None);
    };
    let text = text(path).await?;
    let object: Result<Map<String, Value>, _> = serde_json::from_str(&text);
    let is_short = text.len() <= SAMPLE_LIMIT;
    object.with_context(|| format!("{} must hold a JSON object", path.display()))?;
    anyhow::ensure!(
        is_short,
        "{} has more than {} KiB",
        path.display(),
        SAMPLE_LIMIT / 1024
    );
    Ok(Some(text))
}

/// What a template makes of its data.
pub(super) async fn render(template: &str, data: Option<&Path>) -> anyhow::Result<String> {
    let data = match data {
        Some(path) => Some(text(path).await?),
        None => None,
    };
    if let Some(made) = templates::example(template, data.as_deref()) {
        return made;
    }
    let source = text(Path::new(template)).await?;
    templates::document(&source, data.as_deref().unwrap_or("{}"))
}

async fn text(path: &Path) -> anyhow::Result<String> {
    let read = tokio::fs::read_to_string(path).await;
    read.with_context(|| format!("{} can't be read", path.display()))
}
