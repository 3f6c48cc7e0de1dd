//! What the browser showed when a job failed: kept for a time, and then gone.

use std::time::Duration;

use common::job::Mode;
use common::objects::ObjectKey;

use super::world::{GRANT, World};

async fn stored(world: &World, key: &ObjectKey) -> bool {
    world.parts.objects.read(key, 100).await.is_ok()
}

#[tokio::test]
async fn the_screenshot_of_a_failed_job_is_kept_as_long_as_its_result_would_have_been() {
    let world = World::new().await;
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    let failed = world.failure_with_screenshot(job).await;
    let key = failed.report.screenshot.clone().unwrap().key;
    world.settle(&failed).await;
    world.settle(&failed).await;
    assert!(stored(&world, &key).await, "also when it is settled again");
    let kept = world.job(job).await.screenshot.unwrap();
    assert_eq!((&kept.key, kept.listed), (&key, false));
    assert_eq!(world.balance().await, GRANT, "it costs nothing");
    // One of a run that came too late is nobody's.
    let late = world.failure_with_screenshot(job).await;
    let late_key = late.report.screenshot.clone().unwrap().key;
    world.settle(&late).await;
    assert!(!stored(&world, &late_key).await);

    world.parts.clock.advance(Duration::from_mins(59));
    world.sweep().await;
    world.sweep_orphans().await;
    assert!(stored(&world, &key).await);
    world.parts.clock.advance(Duration::from_mins(1));
    world.sweep().await;
    assert!(!stored(&world, &key).await);
    assert_eq!(world.job(job).await.screenshot, None);
}
