//! Tasks with the real browser: what came out.

use crate::testing::{INVOICE, info, pdf, render, run, text};

#[test]
fn a_document_becomes_a_pdf_with_its_text() {
    run(async {
        let made = render(&pdf(INVOICE)).await.unwrap();
        assert!(text(&made).await.contains("Invoice 42"));
        let info = info(&made).await;
        assert!(
            info.contains("612 x 792 pts") && info.contains("Tagged:          no"),
            "{info}"
        );
    });
}
