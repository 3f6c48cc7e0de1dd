//! Listings by the labels that their owner gave.

use common::id::{AssetId, JobId};
use common::job::Mode;
use common::store::{Labels, Page};

use super::{Bench, Owner, on_both, page};

on_both!(
    labels_leave_out_what_does_not_carry_them,
    labelled_listings_are_paged_and_their_owners_alone,
);

async fn labelled(bench: &Bench, owner: Owner, project: Option<&str>, name: Option<&str>) -> JobId {
    let mut job = owner.job(Mode::Async);
    job.project_id = project.map(str::to_owned);
    job.name = name.map(str::to_owned);
    let job = bench.accept_as(&job).await;
    bench.succeeded(job).await;
    job
}

fn labels(project: Option<&str>, name: Option<&str>) -> Labels {
    Labels {
        project_id: project.map(str::to_owned),
        name: name.map(str::to_owned),
    }
}

/// The jobs that a listing shows, and that the listing of assets shows the results of.
async fn list(bench: &Bench, owner: Owner, labels: &Labels, page: &Page) -> Vec<JobId> {
    let jobs = bench.labelled_jobs(owner.account, labels, page).await;
    let jobs: Vec<_> = jobs.unwrap().iter().map(|job| job.id).collect();
    if page.start_after.is_none() {
        let assets = bench.labelled_assets(owner.account, labels, page).await;
        let of: Vec<_> = assets.unwrap().iter().map(|asset| asset.job).collect();
        assert_eq!(of, jobs, "{labels:?}");
    }
    jobs
}

async fn labels_leave_out_what_does_not_carry_them(bench: Bench) {
    let owner = bench.owner(9).await;
    let plain = labelled(&bench, owner, None, None).await;
    let first = labelled(&bench, owner, Some("p1"), Some("a")).await;
    let second = labelled(&bench, owner, Some("p1"), None).await;
    let third = labelled(&bench, owner, Some("p2"), Some("a")).await;
    for (labels, expected) in [
        (labels(None, None), vec![third, second, first, plain]),
        (labels(Some("p1"), None), vec![second, first]),
        (labels(None, Some("a")), vec![third, first]),
        (labels(Some("p1"), Some("a")), vec![first]),
        (labels(Some("p2"), Some("b")), vec![]),
        (labels(Some("P1"), None), vec![]),
    ] {
        assert_eq!(
            list(&bench, owner, &labels, &page(9)).await,
            expected,
            "{labels:?}"
        );
    }
}

async fn labelled_listings_are_paged_and_their_owners_alone(bench: Bench) {
    let (owner, other) = (bench.owner(9).await, bench.owner(9).await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, labelled(&bench, owner, Some("p1"), Some("a")).await);
    }
    for labels in [labels(Some("p1"), None), labels(None, Some("a"))] {
        assert_eq!(list(&bench, owner, &labels, &page(2)).await, ids[..2]);
        let offset = Page {
            offset: 1,
            ..page(2)
        };
        assert_eq!(list(&bench, owner, &labels, &offset).await, ids[1..]);
        let after = Page {
            start_after: Some(ids[0].to_string()),
            ..page(9)
        };
        assert_eq!(list(&bench, owner, &labels, &after).await, ids[1..]);
        let all = bench
            .labelled_assets(owner.account, &labels, &page(9))
            .await;
        let assets: Vec<AssetId> = all.unwrap().iter().map(|asset| asset.id).collect();
        let after = Page {
            start_after: Some(assets[0].to_string()),
            ..page(9)
        };
        let rest = bench.labelled_assets(owner.account, &labels, &after).await;
        let rest: Vec<AssetId> = rest.unwrap().iter().map(|asset| asset.id).collect();
        assert_eq!(rest, assets[1..]);
        assert_eq!(list(&bench, other, &labels, &page(9)).await, []);
    }
}
