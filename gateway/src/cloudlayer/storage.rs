//! Storage configurations (reference cloudlayer, section 9): a caller's own buckets. One is saved only
//! after a renderer has written into it; the gateway itself calls nobody's host.

pub(crate) mod request;
mod trial;

use axum::extract::State;
use common::id::StorageId;
use common::storage::Target;
use common::store::{Caller, MOST_STORAGES, SavedStorage, Storage};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use self::request::Request;
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::invalid::Invalid;
use crate::json::{Json, Path};
use crate::own;

/// How much of an access key's id is shown.
const SHOWN: usize = 4;

/// What listings show.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StorageListed)]
pub(crate) struct Listed {
    id: String,
    title: String,
}

/// One configuration. Without the secret, and with the end of the key's id, by which people tell it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StorageDetail)]
pub(crate) struct Detail {
    #[serde(flatten)]
    listed: Listed,
    uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    region: String,
    bucket: String,
    access_key_id: String,
}

/// The answer to saving: the union of what editions of the documentation show.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StorageSaved)]
pub(crate) struct Saved {
    /// `success`.
    status: &'static str,
    #[serde(flatten)]
    detail: Detail,
}

/// `POST /storage`: tries the bucket, and saves it. With the title and the place of a bucket that is
/// saved already, its keys are replaced and its id stays.
pub(crate) async fn save(State(app): State<App>, posted: Posted) -> Result<Json<Saved>, ApiError> {
    let request = request::read(&posted.body, &app.egress).await?;
    drop(posted.body);
    let caller = posted.caller;
    let known = same(&app, &caller, &request).await?;
    let now = app.clock.now();
    let id = known.as_ref().map_or_else(StorageId::new, |known| known.id);
    let target = Target {
        storage: id,
        place: request.place,
        keys: request.keys,
    };
    trial::pass(&app, &caller, &request.title, &target, posted.share).await?;
    let row = (caller.account, id);
    let keys = app.seal.seal_keys(row, &target.place, &target.keys);
    let storage = Storage {
        id,
        account: caller.account,
        title: request.title,
        keys: keys.map_err(ApiError::internal)?,
        place: target.place,
        created_at: known.map_or(now, |known| known.created_at),
        updated_at: now,
    };
    match app.store.save_storage(&storage).await? {
        SavedStorage::Saved => {}
        SavedStorage::TitleTaken => return Err(taken().into()),
        SavedStorage::TooMany => return Err(too_many().into()),
        SavedStorage::NoSuchAccount => return Err(ApiError::Unauthenticated),
    }
    tracing::info!(storage.id = %id, "a customer's bucket was saved");
    Ok(Json(Saved {
        status: "success",
        detail: detail(&app, storage)?,
    }))
}

/// `GET /storage`.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Listed>>, ApiError> {
    let storages = app.store.storages(caller.account).await?;
    let listed = storages.into_iter().map(|storage| Listed {
        id: storage.id.to_string(),
        title: storage.title,
    });
    Ok(Json(listed.collect()))
}

/// `GET /storage/:id`.
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Detail>, ApiError> {
    let id: StorageId = id.parse().map_err(|_| unknown())?;
    let storage = app.store.storage(caller.account, id).await?;
    Ok(Json(detail(&app, storage.ok_or_else(unknown)?)?))
}

/// `DELETE /storage/:id`: forgets the keys. What lies in the bucket stays there.
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id: StorageId = id.parse().map_err(|_| unknown())?;
    if !app.store.remove_storage(caller.account, id).await? {
        return Err(unknown().into());
    }
    tracing::info!(storage.id = %id, "a customer's bucket was forgotten");
    Ok(StatusCode::NO_CONTENT)
}

/// The bucket that the request names again, if it does. What could not be saved is refused before it is tried.
async fn same(app: &App, caller: &Caller, request: &Request) -> Result<Option<Storage>, ApiError> {
    let storages = app.store.storages(caller.account).await?;
    let is_full = storages.len() >= usize::try_from(MOST_STORAGES).unwrap_or(usize::MAX);
    let named = storages
        .into_iter()
        .find(|storage| storage.title == request.title);
    match named {
        Some(storage) if storage.place == request.place => Ok(Some(storage)),
        Some(_) => Err(taken().into()),
        None if is_full => Err(too_many().into()),
        None => Ok(None),
    }
}

fn detail(app: &App, storage: Storage) -> Result<Detail, ApiError> {
    let keys = own::target(app, &storage)?.keys;
    let hidden = keys.id.len().saturating_sub(SHOWN);
    Ok(Detail {
        uid: storage.account.to_string(),
        endpoint: storage.place.endpoint.map(String::from),
        region: storage.place.region,
        bucket: storage.place.bucket,
        // Visible ASCII, as it was read. A short one is not shown at all.
        access_key_id: format!(
            "...{}",
            keys.id.get(hidden.max(SHOWN)..).unwrap_or_default()
        ),
        listed: Listed {
            id: storage.id.to_string(),
            title: storage.title,
        },
    })
}

fn taken() -> Invalid {
    Invalid::new(
        "title",
        "is the title of another bucket of this account: choose another one, or delete that one first",
    )
}

fn too_many() -> Invalid {
    Invalid::body(format!(
        "an account has at most {MOST_STORAGES} storages: delete one first"
    ))
}

/// The dialect says 400 of an unknown id here (reference section 9).
fn unknown() -> Invalid {
    Invalid::body("there is no storage with this id: `GET /v2/storage` lists them")
}
