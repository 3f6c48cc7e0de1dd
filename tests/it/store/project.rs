//! Projects: what keys may spend together.

use common::id::ProjectId;
use common::job::Mode;
use common::key::ApiKey;
use common::store::{AcceptError, Limits, NewJob};

use super::{Bench, Owner, START, after, credits, failure, on_both, success};

on_both!(
    a_key_knows_the_project_it_was_put_into,
    a_project_spends_no_more_than_its_budget,
    what_is_refunded_can_be_spent_again,
    a_refusal_leaves_budget_and_balance_alone,
    callers_at_once_do_not_exceed_a_budget,
);

async fn project(bench: &Bench, owner: Owner, budget: Option<i64>) -> ProjectId {
    let budget = budget.map(credits);
    let made = bench.create_project(owner.account, "shop", budget, START);
    let project = made.await.unwrap();
    assert!(bench.assign_key(owner.key, project).await.unwrap());
    project
}

fn job(owner: Owner, project: ProjectId) -> NewJob {
    NewJob {
        budget: Some(project),
        ..owner.job(Mode::Async)
    }
}

async fn spent(bench: &Bench, project: ProjectId) -> common::credits::Credits {
    bench.project(project).await.unwrap().unwrap().spent
}

async fn a_key_knows_the_project_it_was_put_into(bench: Bench) {
    let (owner, stranger) = (bench.owner(1).await, bench.owner(1).await);
    let secret = ApiKey::generate();
    let hash = secret.hash();
    let made = bench.create_key(owner.account, "k", &hash, secret.last4(), START);
    let key = made.await.unwrap();
    let project = project(&bench, owner, Some(5)).await;
    let caller = bench.authenticate(&secret.hash()).await.unwrap().unwrap();
    assert_eq!(caller.project, None);
    assert!(bench.assign_key(key, project).await.unwrap());
    let caller = bench.authenticate(&secret.hash()).await.unwrap().unwrap();
    assert_eq!(caller.project, Some(project));
    assert_eq!(
        bench.keys(owner.account).await.unwrap()[1].project,
        Some(project)
    );
    assert!(!bench.assign_key(stranger.key, project).await.unwrap());
    assert!(!bench.assign_key(key, ProjectId::new()).await.unwrap());
    let listed = bench.projects(owner.account).await.unwrap();
    assert_eq!((listed.len(), listed[0].budget), (1, Some(credits(5))));
    assert!(bench.projects(stranger.account).await.unwrap().is_empty());
}

async fn a_project_spends_no_more_than_its_budget(bench: Bench) {
    let owner = bench.owner(9).await;
    let project = project(&bench, owner, Some(2)).await;
    for _ in 0..2 {
        bench.accept(&job(owner, project), START).await.unwrap();
    }
    let refused = bench.accept(&job(owner, project), START).await;
    assert!(
        matches!(refused, Err(AcceptError::BudgetExceeded)),
        "{refused:?}"
    );
    // Another key of the account is not held back.
    bench.accept(&owner.job(Mode::Async), START).await.unwrap();
    assert!(bench.set_budget(project, Some(credits(3))).await.unwrap());
    bench.accept(&job(owner, project), START).await.unwrap();
    assert!(bench.accept(&job(owner, project), START).await.is_err());
    assert!(bench.forget_spending(project).await.unwrap());
    bench.accept(&job(owner, project), START).await.unwrap();
    assert!(bench.set_budget(project, None).await.unwrap());
    bench.accept(&job(owner, project), START).await.unwrap();
    assert_eq!(spent(&bench, project).await, credits(2));
    let unknown = ProjectId::new();
    assert!(!bench.set_budget(unknown, None).await.unwrap());
    assert!(!bench.forget_spending(unknown).await.unwrap());
}

async fn what_is_refunded_can_be_spent_again(bench: Bench) {
    let owner = bench.owner(9).await;
    let project = project(&bench, owner, Some(1)).await;
    let first = bench.accept_as(&job(owner, project)).await;
    assert!(bench.accept(&job(owner, project), START).await.is_err());
    bench.settle_now(&failure(first)).await;
    // A second end of the same job gives nothing back.
    bench.settle_now(&failure(first)).await;
    assert_eq!(spent(&bench, project).await, credits(0));
    let second = bench.accept_as(&job(owner, project)).await;
    bench.settle_now(&success(second)).await;
    assert_eq!(spent(&bench, project).await, credits(1));
    assert!(bench.accept(&job(owner, project), after(9)).await.is_err());
}

async fn a_refusal_leaves_budget_and_balance_alone(bench: Bench) {
    let owner = bench.owner(1).await;
    let project = project(&bench, owner, Some(5)).await;
    let limits = Limits {
        rate: Some(2),
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    let costly = NewJob {
        price: credits(2),
        ..job(owner, project)
    };
    let refused = bench.accept(&costly, START).await;
    assert!(matches!(refused, Err(AcceptError::InsufficientCredit)));
    assert_eq!(spent(&bench, project).await, credits(0));
    assert!(bench.set_budget(project, Some(credits(0))).await.unwrap());
    let refused = bench.accept(&job(owner, project), START).await;
    assert!(matches!(refused, Err(AcceptError::BudgetExceeded)));
    assert_eq!(bench.balance(owner).await, credits(1));
    let window = bench.rate_window(owner.account, START).await.unwrap();
    assert_eq!(window.unwrap().remaining, 2);
}

async fn callers_at_once_do_not_exceed_a_budget(bench: Bench) {
    let owner = bench.owner(50).await;
    let project = project(&bench, owner, Some(4)).await;
    let jobs: Vec<_> = (0..12).map(|_| job(owner, project)).collect();
    let accepted = jobs.iter().map(|job| bench.accept(job, START));
    let accepted = futures::future::join_all(accepted).await;
    assert_eq!(accepted.iter().filter(|it| it.is_ok()).count(), 4);
    assert_eq!(spent(&bench, project).await, credits(4));
    assert_eq!(bench.balance(owner).await, credits(46));
}
