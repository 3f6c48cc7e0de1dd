//! Templates that are kept: their versions, their owner, their limits.

use common::id::TemplateId;
use common::job::TemplateKind;
use common::store::{TemplateChange, TemplateDraft};
use futures::future::join_all;

use super::{Bench, START, after, on_both};

on_both!(
    a_template_keeps_its_newest_versions,
    a_template_is_its_owners_alone,
    an_account_keeps_so_many_templates,
    changes_of_a_template_at_once_add_up,
);

fn draft<'a>(title: &'a str, source: &'a str) -> TemplateDraft<'a> {
    TemplateDraft {
        title,
        kind: TemplateKind::Pdf,
        sample: Some("{\"z\":1,\"a\":2}"),
        source,
    }
}

async fn a_template_keeps_its_newest_versions(bench: Bench) {
    let owner = bench.owner(1).await.account;
    let created = bench
        .create_template(owner, &draft("One", "v1"), 5, START)
        .await;
    let id = created.unwrap().unwrap();
    let image = TemplateChange {
        kind: Some(TemplateKind::Image),
        source: Some("v2"),
        ..TemplateChange::default()
    };
    let named = TemplateChange {
        title: Some("Three"),
        source: Some("v3"),
        ..TemplateChange::default()
    };
    for (number, change) in [(2, image), (3, named)] {
        let changed = bench
            .update_template(owner, id, &change, 2, after(number))
            .await;
        let changed = changed.unwrap().unwrap();
        assert_eq!(u64::from(changed.version), number);
        assert_eq!(bench.template(owner, id).await.unwrap(), Some(changed));
    }
    let template = bench.template(owner, id).await.unwrap().unwrap();
    assert_eq!((template.title.as_str(), template.version), ("Three", 3));
    assert_eq!(template.kind, TemplateKind::Image);
    assert_eq!(template.sample.as_deref(), Some("{\"z\":1,\"a\":2}"));
    assert_eq!(
        (template.created_at, template.updated_at),
        (START, after(3))
    );
    for (version, expected) in [
        (None, Some("v3")),
        (Some(3), Some("v3")),
        (Some(2), Some("v2")),
        (Some(1), None),
        (Some(4), None),
    ] {
        let source = bench.template_source(owner, id, version).await.unwrap();
        assert_eq!(source.as_deref(), expected, "{version:?}");
    }
    assert!(bench.delete_template(owner, id).await.unwrap());
    assert!(!bench.delete_template(owner, id).await.unwrap());
    assert_eq!(
        bench.template_source(owner, id, Some(2)).await.unwrap(),
        None
    );
}

async fn a_template_is_its_owners_alone(bench: Bench) {
    let owner = bench.owner(1).await.account;
    let other = bench.owner(1).await.account;
    let created = bench
        .create_template(owner, &draft("Mine", "x"), 5, START)
        .await;
    let id = created.unwrap().unwrap();
    assert_eq!(bench.template(other, id).await.unwrap(), None);
    assert_eq!(bench.template_source(other, id, None).await.unwrap(), None);
    let stolen = bench
        .update_template(other, id, &TemplateChange::default(), 5, START)
        .await;
    assert_eq!(stolen.unwrap(), None);
    assert!(!bench.delete_template(other, id).await.unwrap());
    assert_eq!(bench.templates(other).await.unwrap(), []);
    let source = bench.template_source(owner, id, None).await.unwrap();
    assert_eq!(source.as_deref(), Some("x"));
}

async fn an_account_keeps_so_many_templates(bench: Bench) {
    let owner = bench.owner(1).await.account;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let created = bench
            .create_template(owner, &draft("T", "x"), 2, START)
            .await;
        kept.push(created.unwrap().unwrap());
    }
    let third = bench
        .create_template(owner, &draft("T", "x"), 2, START)
        .await;
    assert_eq!(third.unwrap(), None);
    let listed: Vec<TemplateId> = bench
        .templates(owner)
        .await
        .unwrap()
        .iter()
        .map(|t| t.id)
        .collect();
    kept.reverse();
    assert_eq!(listed, kept, "newest first");
}

async fn changes_of_a_template_at_once_add_up(bench: Bench) {
    let owner = bench.owner(1).await.account;
    let created = bench
        .create_template(owner, &draft("One", "v1"), 5, START)
        .await;
    let id = created.unwrap().unwrap();
    let change = TemplateChange::default();
    let changes = [
        TemplateChange {
            title: Some("Two"),
            ..change
        },
        TemplateChange {
            kind: Some(TemplateKind::Image),
            ..change
        },
        TemplateChange {
            sample: Some("{}"),
            ..change
        },
        TemplateChange {
            source: Some("v2"),
            ..change
        },
    ];
    let all = changes
        .iter()
        .map(|change| bench.update_template(owner, id, change, 5, START));
    for changed in join_all(all).await {
        assert!(changed.unwrap().is_some());
    }
    let template = bench.template(owner, id).await.unwrap().unwrap();
    assert_eq!((template.title.as_str(), template.version), ("Two", 5));
    assert_eq!(template.kind, TemplateKind::Image);
    assert_eq!(template.sample.as_deref(), Some("{}"));
    let source = bench.template_source(owner, id, None).await.unwrap();
    assert_eq!(source.as_deref(), Some("v2"));
}
