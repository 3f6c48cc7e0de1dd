//! An order whose result goes into the caller's own bucket: the bucket is found before anything is
//! charged, and its keys travel inside of the work, so that a job ends well although they are deleted
//! meanwhile.

use common::store::Caller;
use common::task::{Destination, Own, Work};

use super::Order;
use crate::app::App;
use crate::cloudlayer::request::NO_STORAGE;
use crate::download;
use crate::error::ApiError;
use crate::invalid::Invalid;
use crate::own;

/// The order with its bucket around its work.
pub(super) async fn resolve(app: &App, caller: &Caller, order: Order) -> Result<Order, ApiError> {
    let Some(id) = order.storage else {
        return Ok(order);
    };
    let storage = app.store.storage(caller.account, id).await?;
    let storage = storage.ok_or_else(|| Invalid::new("storage.id", NO_STORAGE))?;
    let disposition = download::disposition(order.inline, &order.file_name);
    let own = Own {
        to: Destination {
            target: own::target(app, &storage)?,
            file_name: order.file_name.clone(),
            disposition: disposition.to_str().unwrap_or("attachment").to_owned(),
        },
        work: order.work,
    };
    Ok(Order {
        work: Work::Own(Box::new(own)),
        ..order
    })
}
