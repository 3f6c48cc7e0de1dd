use std::time::Duration;

use common::credits::Credits;
use common::id::JobId;
use common::idempotency::{IdempotencyKey, Repeatable};
use common::job::Mode;
use common::objects::ObjectKey;
use common::seal::SealKey;
use common::store::{Admission, NewJob};

use super::world::{DAY, World};

/// More than a sweep takes at once.
const MANY: usize = 101;

/// A job that has just ended well, and where its result is.
async fn ended(world: &World) -> (JobId, ObjectKey) {
    let job = NewJob {
        price: Credits::ZERO,
        ..world.new_job(Mode::Async, None)
    };
    let job = world.accept(&job).await;
    world.settle(&world.success(job).await).await;
    let asset = world.job(job).await.asset.unwrap();
    (job, asset.key)
}

async fn is_swept(world: &World, job: JobId) -> bool {
    world.job(job).await.asset.is_none()
}

#[tokio::test]
async fn results_that_cannot_be_deleted_hold_up_no_others() {
    let world = World::new().await;
    let mut stuck = Vec::new();
    for _ in 0..MANY {
        let (job, key) = ended(&world).await;
        // A folder in its place can't be deleted as a file, not even by root.
        std::fs::remove_file(world.file(&key)).unwrap();
        std::fs::create_dir(world.file(&key)).unwrap();
        stuck.push((job, key));
    }
    world.parts.clock.advance(Duration::from_secs(1));
    let (last, key) = ended(&world).await;
    world.parts.clock.advance(Duration::from_hours(1));
    world.sweep().await;
    assert!(is_swept(&world, last).await);
    assert!(!world.file(&key).exists());
    for (job, _) in &stuck {
        assert!(!is_swept(&world, *job).await);
    }
    // The next sweep tries each again.
    let (job, key) = stuck.pop().unwrap();
    std::fs::remove_dir(world.file(&key)).unwrap();
    world.sweep().await;
    assert!(is_swept(&world, job).await);
    assert!(!is_swept(&world, stuck[0].0).await);
}

#[tokio::test]
async fn an_orphan_that_cannot_be_deleted_holds_up_no_others() {
    let world = World::new().await;
    let job = JobId::new();
    let orphan = ObjectKey::input(job, "page.html");
    world.parts.objects.put(&orphan, "x".into()).await.unwrap();
    // Whoever asks the store for it by its key writes each of these with three, which makes a name that
    // is too long for a file.
    let stuck = world.file(&ObjectKey::input(job, &"%".repeat(200)));
    std::fs::write(&stuck, "x").unwrap();
    // The files are as old as this test, and its clock is behind.
    world.parts.clock.advance(DAY * 36_500);
    assert_eq!(world.sweep_orphans().await, 1);
    assert!(!world.file(&orphan).exists());
    assert!(stuck.exists());
}

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
    for (after, known) in [(DAY, Some(job.id)), (Duration::from_micros(1), None)] {
        world.parts.clock.advance(after);
        world.sweep_idempotency_keys().await;
        let found = store.repeated(world.account, &request).await.unwrap();
        assert_eq!(found, known, "{after:?}");
    }
}
