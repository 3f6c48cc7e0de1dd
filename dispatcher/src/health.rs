//! What the dispatcher says of itself: it takes work while broker and database are there and it does
//! not drain. Nothing here makes it worth killing: what is away is outside of it.

use common::lifecycle::Lifecycle;

use crate::Parts;

/// Adds the dispatcher's probes.
pub(crate) fn watch(lifecycle: &Lifecycle, parts: &Parts) {
    let (health, draining) = (&lifecycle.health, lifecycle.draining.clone());
    health.ready_when(move || {
        let drains = draining.is_cancelled();
        async move {
            if drains {
                return Err("the dispatcher drains".to_owned());
            }
            Ok(())
        }
    });
    let broker = parts.broker.clone();
    health.ready_when(move || {
        let is_connected = broker.is_connected();
        async move {
            if is_connected {
                return Ok(());
            }
            Err("the broker is away".to_owned())
        }
    });
    let store = parts.store.clone();
    health.ready_when(move || {
        let store = store.clone();
        async move {
            store.ping().await.map_err(|error| {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::debug!(error, "the database gave no sign of life");
                "the database is away".to_owned()
            })
        }
    });
}
