//! Deliveries as their owner looks through them.

use crate::clock::Timestamp;
use crate::id::{AccountId, JobId};
use crate::job::DeliveryState;
use crate::store::column::{Int, Text};
use crate::store::engine::on;
use crate::store::{Page, Store, StoreError};

use super::{Delivery, delivery_columns};

/// Which deliveries; what is `None` leaves out none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Those in this state.
    pub state: Option<DeliveryState>,
    /// Those to this address, exactly.
    pub url: Option<String>,
    /// Those about this job.
    pub job: Option<JobId>,
    /// Those born at this time or later.
    pub since: Option<Timestamp>,
    /// Those born before this time.
    pub until: Option<Timestamp>,
}

impl Store {
    /// Reads the deliveries of an account that pass the filter, newest first.
    pub async fn list_deliveries(
        &self,
        account: AccountId,
        filter: &DeliveryFilter,
        page: &Page,
    ) -> Result<Vec<Delivery>, StoreError> {
        // The casts name a type for what may be nothing at all.
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            " from deliveries where account_id = $1 and id < $2 \
             and (cast($5 as text) is null or cast($5 as text) = \
                 case when state = 'pending' and parked_at is not null then 'parked' else state end) \
             and (cast($6 as text) is null or url = $6) \
             and (cast($7 as text) is null or job_id = $7) \
             and (cast($8 as bigint) is null or created_at >= $8) \
             and (cast($9 as bigint) is null or created_at < $9) \
             order by id desc limit $3 offset $4"
        );
        let deliveries = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .bind(filter.state)
            .bind(filter.url.as_deref().map(Text))
            .bind(filter.job)
            .bind(filter.since)
            .bind(filter.until)
            .fetch_all(db)
            .await)?;
        Ok(deliveries)
    }
}
