//! Counts from time to time what there is to do, for operators. Every dispatcher counts the same, so
//! that the figures are there whichever of them runs.

use std::time::Duration;

use common::clock::Clock;
use common::job::{JobState, Lane, Mode};
use common::store::{Crowd, Store, StoreError};
use common::telemetry::metrics::{KeyValue, is_on};
use tokio_util::sync::CancellationToken;

use crate::metrics::Standing;
use crate::{Parts, periodic};

/// A count reads every job that has not ended: up to `PLATEN_BACKLOG_LIMIT` of them.
const EVERY: Duration = Duration::from_secs(15);

/// Deliveries are counted no further.
const MOST: u32 = 100_000;

/// Counts what there is to do.
#[derive(Debug)]
pub(crate) struct Census {
    store: Store,
    clock: Clock,
    standing: Standing,
}

impl Census {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            standing: Standing::new(),
        }
    }

    /// Counts until `draining`, if anybody reads it.
    pub(crate) async fn run(self, draining: CancellationToken) {
        if !is_on() {
            return draining.cancelled().await;
        }
        periodic::repeat("count what there is to do", EVERY, &draining, || {
            self.step()
        })
        .await;
    }

    async fn step(&self) -> Result<(), StoreError> {
        self.show(&self.store.open_crowds().await?);
        let deliveries = self.store.open_deliveries(MOST).await?;
        self.standing.open.record(figure(deliveries.open), &[]);
        self.standing.parked.record(figure(deliveries.parked), &[]);
        Ok(())
    }

    /// Also what there is nothing of: a figure stays until the next.
    fn show(&self, crowds: &[Crowd]) {
        let now = self.clock.now();
        for &lane in Lane::ALL {
            let label = KeyValue::new("lane", lane.as_str());
            let mut held = 0;
            for &mode in Mode::ALL {
                let (mut depth, mut age) = (0, Duration::ZERO);
                for crowd in of(crowds, lane, mode) {
                    if crowd.state == JobState::Held {
                        held += crowd.jobs;
                    } else {
                        depth += crowd.jobs;
                        age = age.max(now.since(crowd.since));
                    }
                }
                let labels = [label.clone(), KeyValue::new("mode", mode.as_str())];
                self.standing.depth.record(figure(depth), &labels);
                self.standing.age.record(age.as_secs_f64(), &labels);
            }
            self.standing.held.record(figure(held), &[label]);
        }
    }
}

fn of(crowds: &[Crowd], lane: Lane, mode: Mode) -> impl Iterator<Item = &Crowd> {
    crowds
        .iter()
        .filter(move |crowd| crowd.lane == lane && crowd.mode == mode)
}

fn figure(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
