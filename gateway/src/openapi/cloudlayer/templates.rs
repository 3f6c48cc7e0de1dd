//! Templates: the gallery, and those of one's own.

use serde_json::{Value, json};

use super::Version;
use super::template::{NewTemplate, TemplateChange};
use crate::cloudlayer::templates::{PREVIEW_PATH, TemplateView};
use crate::openapi::operation::{Example, Operation};
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};

const READ: &[Trouble] = &[Trouble::Key, Trouble::Internal, Trouble::Away];

const WRITE: &[Trouble] = &[
    Trouble::Wrong("template"),
    Trouble::Key,
    Trouble::TooLong,
    Trouble::Internal,
    Trouble::Away,
];

/// `<h1>Hello, {{ name }}</h1>`.
const GREETING: &str = "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=";

/// Their operations, which the second version alone has.
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let mut all = reads(version);
    all.extend(changes(version).map(Operation::extension));
    let preview = Operation::new(
        "get",
        PREVIEW_PATH,
        "previewTemplate",
        "A picture of a template of the gallery",
    )
    .public()
    .parameter(id())
    .gives_file(200, "The picture.", &["image/png"])
    .fails(Speaker::Cloudlayer, &[Trouble::NoSuch("template")]);
    all.push(preview.extension());
    all.into_iter().map(|one| one.tag("Templates")).collect()
}

fn id() -> Parameter {
    let schema = json!({ "type": "string", "examples": ["professional-invoice"] });
    Parameter::path(
        "id",
        "The name of a template of the gallery, or the id of one of your own.",
        schema,
    )
}

fn own() -> Parameter {
    let schema = json!({ "type": "string", "examples": ["u-019b76da1c007d4ea7a1c3d2e5f60722"] });
    Parameter::path("id", "The id of a template of your own.", schema)
}

fn reads(version: &Version) -> Vec<Operation> {
    let word = |text: &str| json!({ "type": "string", "examples": [text] });
    let list = version
        .operation("get", "/templates", "listTemplates", "List templates")
        .text("The gallery is shown to anybody; with a key, templates of your own come first.")
        .open()
        .parameter(Parameter::query(
            "type",
            "Those for PDFs, or those for pictures.",
            json!({ "type": "string", "enum": ["pdf", "image"] }),
        ))
        .parameter(Parameter::query(
            "category",
            "Those of this category.",
            word("Invoice"),
        ))
        .parameter(Parameter::query(
            "tags",
            "Those with one of these tags, parted by commas.",
            word("invoice,receipt"),
        ))
        .parameter(Parameter::query(
            "expand",
            "Show all fields of each.",
            json!({ "type": "boolean", "default": false }),
        ))
        .gives_list::<TemplateView>(200, "The templates.")
        .fails(
            Speaker::Cloudlayer,
            &[READ, &[Trouble::Wrong("type")]].concat(),
        );
    let version_of = Parameter::query(
        "version",
        "The version of a template of your own; the newest where nothing is said.",
        json!({ "type": "integer", "minimum": 1, "maximum": 4_294_967_295_u64 }),
    );
    let read = version
        .operation("get", "/template/{id}", "readTemplate", "Read a template")
        .text("Of a template of your own with its text, in base64.")
        .open()
        .parameter(id())
        .parameter(version_of.extension())
        .gives::<TemplateView>(200, "The template.")
        .fails(
            Speaker::Cloudlayer,
            &[
                READ,
                &[Trouble::Wrong("version"), Trouble::NoSuch("template")],
            ]
            .concat(),
        );
    vec![list, read]
}

fn changes(version: &Version) -> impl Iterator<Item = Operation> {
    let create = version
        .operation("post", "/templates", "createTemplate", "Keep a template")
        .takes::<NewTemplate>(true, vec![example("greeting", "A greeting", greeting())])
        .gives::<TemplateView>(201, "The template; its `id` is what conversions name.")
        .fails(Speaker::Cloudlayer, &[WRITE, &[Trouble::TooMany]].concat());
    let update = version
        .operation(
            "put",
            "/template/{id}",
            "changeTemplate",
            "Change a template",
        )
        .text("Each change is a version; the 20 newest are kept.")
        .parameter(own())
        .takes::<TemplateChange>(
            true,
            vec![example(
                "title",
                "Another title",
                json!({ "title": "Greeting, formal" }),
            )],
        )
        .gives::<TemplateView>(200, "The template.")
        .fails(
            Speaker::Cloudlayer,
            &[WRITE, &[Trouble::NoSuch("template")]].concat(),
        );
    let delete = version
        .operation(
            "delete",
            "/template/{id}",
            "deleteTemplate",
            "Delete a template",
        )
        .text("Jobs that were accepted before go on.")
        .parameter(own())
        .gives_nothing(204, "It is deleted.")
        .fails(
            Speaker::Cloudlayer,
            &[READ, &[Trouble::NoSuch("template")]].concat(),
        );
    [create, update, delete].into_iter()
}

fn greeting() -> Value {
    json!({ "template": GREETING, "title": "Greeting", "type": "pdf", "sampleData": { "name": "paper" } })
}

const fn example(name: &'static str, summary: &'static str, body: Value) -> Example {
    Example {
        name,
        summary,
        body,
    }
}
