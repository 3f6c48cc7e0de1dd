//! Tasks travel between versions.

use serde_json::json;

use super::*;

/// A task as a gateway wrote it before there were areas, headers, readers, rules, outlines and metadata.
fn written_before(output: &serde_json::Value) -> serde_json::Value {
    json!({
        "source": { "url": "https://example.com/" },
        "page": {
            "wait_until": "load", "wait_for_selector": null,
            "frames": { "loaded": false, "attached": false, "navigation": null, "images": false, "selector": null },
            "auto_scroll": false, "delay": { "secs": 0, "nanos": 0 }, "viewport": null, "time_zone": null,
            "media": null, "basic": null, "cookies": [],
        },
        "output": output,
        "preview": null,
        "timeout": { "secs": 30, "nanos": 0 },
    })
}

#[test]
fn a_task_of_the_version_before_means_what_it_meant() {
    let picture =
        json!({ "image": { "format": "png", "quality": 80, "trim": false, "transparent": false } });
    let margins = json!({ "top": 0.0, "right": 0.0, "bottom": 0.0, "left": 0.0 });
    let pdf = json!({ "pdf": {
        "paper": { "width": 8.5, "height": 11.0 }, "landscape": false, "prefer_css_page_size": false,
        "margins": margins, "scale": 1.0, "print_background": false, "page_ranges": "", "header": null,
        "footer": null, "tagged": false,
    } });
    for (output, expected) in [
        (picture, Output::Image(ImageOptions::default())),
        (pdf, Output::Pdf(PdfOptions::default())),
    ] {
        let task: Task = serde_json::from_value(written_before(&output)).unwrap();
        assert_eq!(task.page, PageOptions::default());
        assert_eq!(task.output, expected);
    }
}
