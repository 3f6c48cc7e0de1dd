//! `POST /pdf/merge`: PDFs by their addresses, joined in order (reference 6.12).

use axum::response::Response;
use common::id::AccountId;
use common::job::JobKind;
use common::link::Part;
use common::task::{Address, Merge, PdfSource, Work};

use super::convert::{Manner, Rest, Wish, answered, carry_out, repeated};
use super::ours;
use super::request::Version;
use super::request::merge::{self, Named};
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;

/// Accepts a merge, and, if the caller waits, waits for its end.
pub(crate) async fn merge(
    app: &App,
    version: Version,
    mut posted: Posted,
) -> Result<Response, ApiError> {
    let body = std::mem::take(&mut posted.body);
    let ours = |url: &_| app.links.opened(url, app.clock.now());
    let request = merge::parse(version, &body, &app.egress, ours)?;
    drop(body);
    let manner = Manner::new(version, &request.base, request.timeout);
    if let Some(receipt) = repeated(app, manner, &posted).await? {
        drop((request, posted));
        return answered(app, &receipt, manner).await;
    }
    let mut sources = Vec::with_capacity(request.sources.len());
    for named in request.sources {
        sources.push(source(app, posted.caller.account, named).await?);
    }
    let timeout = request.timeout;
    let rest = Rest {
        base: request.base,
        params: request.params,
    };
    let work = Work::Merge(Merge { sources, timeout });
    let wish = Wish::new(manner, JobKind::MergePdf, work, rest);
    carry_out(app, wish, posted).await
}

/// A link of ours becomes the object that it opens.
async fn source(app: &App, account: AccountId, named: Named) -> Result<PdfSource, ApiError> {
    let (asset, field, name) = match named {
        Named::Elsewhere(source) => return Ok(source),
        Named::Ours { asset, field, name } => (asset, field, name),
    };
    let (id, part) = asset.map_err(|error| ours::unusable(&field, error))?;
    let asset = ours::asset(app, account, id, &field).await?;
    if part != Part::Result || asset.content_type != "application/pdf" {
        let message = format!("`{field}` is a link to a result that is no PDF");
        return Err(ApiError::field(&field, message));
    }
    match asset.key.storage() {
        Some(place) => {
            let url = ours::in_storage(app, asset, place, &field).await?;
            let address = Address { url, basic: None };
            Ok(PdfSource::Url {
                address,
                cookie: None,
            })
        }
        None => Ok(PdfSource::Stored {
            key: asset.key,
            name,
        }),
    }
}
