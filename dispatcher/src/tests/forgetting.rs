use common::idempotency::{IdempotencyKey, Repeatable};
use common::job::Mode;
use common::seal::SealKey;
use common::store::Admission;

use super::world::{DAY, World};

#[tokio::test]
async fn an_idempotency_key_is_forgotten_a_day_after_its_use() {
    let world = World::new().await;
    let request = Repeatable {
        key: IdempotencyKey::parse(b"key").unwrap(),
        fingerprint: SealKey::new(b"secret").fingerprinter().finish(),
    };
    let (job, store) = (world.new_job(Mode::Async, None), &world.parts.store);
    let admitted = store.accept_once(&job, &request, world.now()).await;
    assert!(matches!(admitted, Ok(Admission::New(_))), "{admitted:?}");
    for (after, known) in [
        (DAY, Some(job.id)),
        (std::time::Duration::from_micros(1), None),
    ] {
        world.parts.clock.advance(after);
        world.sweep_idempotency_keys().await;
        let found = store.repeated(world.account, &request).await.unwrap();
        assert_eq!(found, known, "{after:?}");
    }
}
