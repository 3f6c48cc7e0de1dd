//! Three services over real servers, under load, while something goes wrong. Each test ends with
//! what every accepted job is promised, asserted from the rows and at the receiver.

mod deliveries;
mod duplicates;
mod fairness;
mod given_up;
mod hang_up;
mod hanging;
mod killed;
mod load;
mod office;
mod outage;
mod poison;
mod scale;
mod several;

use common::job::JobState;
use common::store::Job;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;

use self::load::Load;

/// An installation, the pages that it renders and the endpoint that hears of its jobs.
struct Scene {
    services: Services,
    site: Site,
    receiver: Receiver,
}

impl Scene {
    /// On servers that other tests use too.
    async fn on_shared(size: Size) -> Self {
        Self::with(Ground::shared(), size, Start::open()).await
    }

    /// On servers that nobody else has meanwhile, which may be stopped.
    async fn on_lent(size: Size) -> Self {
        Self::with(Ground::lent().await, size, Start::open()).await
    }

    async fn with(ground: Ground, size: Size, start: Start) -> Self {
        let site = Site::start().await;
        site.page("/", "A page");
        Self {
            services: Services::start(ground, size, &start).await,
            site,
            receiver: Receiver::start().await,
        }
    }

    /// Begins to send so many requests of all kinds.
    fn load(&self, requests: usize) -> Load {
        let apis = (0..self.services.gateways.len()).map(|gateway| self.services.api(gateway));
        Load::start(apis.collect(), requests, &self.site, &self.receiver)
    }

    async fn books(&self) -> Books {
        Books::new(self.services.ground().store(), self.services.account())
    }

    /// Waits until every request of the load is answered and every job ended, and checks every
    /// promise: also that each request made exactly one job, and that none failed which was not
    /// meant to.
    async fn assert_all_is_well(&self, load: Load) -> Vec<Job> {
        let sent = load.finished().await;
        let jobs = self
            .books()
            .await
            .assert_promises_are_kept(&self.receiver)
            .await;
        assert_eq!(jobs.len(), sent.requests, "one job for each request");
        let failed: Vec<&Job> = jobs
            .iter()
            .filter(|job| job.state == JobState::Error)
            .collect();
        assert_eq!(failed.len(), sent.meant_to_fail, "{failed:?}");
        jobs
    }

    /// The same, when nothing has happened that lets an end be told twice.
    async fn assert_all_is_well_and_told_once(&self, load: Load) {
        self.assert_all_is_well(load).await;
        self.books()
            .await
            .assert_each_was_told_once(&self.receiver)
            .await;
    }
}
