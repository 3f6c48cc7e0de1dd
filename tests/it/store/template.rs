//! Templates that are kept: their versions, their owner, their limits.

use common::id::TemplateId;
use common::job::TemplateKind;
use common::store::TemplateDraft;

use super::{Bench, START, after, on_both};

on_both!(
    a_template_keeps_its_newest_versions,
    a_template_is_its_owners_alone,
    an_account_keeps_so_many_templates,
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
    let image = TemplateDraft {
        kind: TemplateKind::Image,
        sample: None,
        ..draft("Two", "v2")
    };
    for (number, draft) in [(2, image), (3, draft("Three", "v3"))] {
        let version = bench
            .update_template(owner, id, &draft, 2, after(number))
            .await;
        assert_eq!(version.unwrap(), Some(u32::try_from(number).unwrap()));
    }
    let template = bench.template(owner, id).await.unwrap().unwrap();
    assert_eq!((template.title.as_str(), template.version), ("Three", 3));
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
        .update_template(other, id, &draft("Theirs", "y"), 5, START)
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
