//! Prints the page.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::task::PdfOptions;
use headless_chrome::protocol::cdp::{IO, Page as PageDomain};
use serde::Deserialize;

use super::{Page, PageError, banner, metadata};
use crate::cdp::CallError;
use crate::spool::Spool;

/// Bytes asked for at a time; they travel as base64 in one message.
const CHUNK: u32 = 4 * 1024 * 1024;

/// Prints the page into the spool.
pub(super) async fn print(
    page: &Page,
    options: &PdfOptions,
    spool: &mut Spool,
) -> Result<(), PageError> {
    let header = banner::markup(page, options.header.as_ref()).await?;
    let footer = banner::markup(page, options.footer.as_ref()).await?;
    let command = command(options, header, footer);
    let printed = page
        .session
        .call(command)
        .await
        .map_err(|error| refused(error, options))?;
    let Some(handle) = printed.stream else {
        return Err(PageError::Internal("the browser printed no stream".into()));
    };
    let copied = copy(page, &handle, spool).await;
    page.session.tell(&IO::Close { handle })?;
    copied?;
    metadata::write(&options.metadata, spool).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(default)]
    base64_encoded: bool,
    #[serde(borrow)]
    data: Cow<'a, str>,
    eof: bool,
}

async fn copy(page: &Page, handle: &str, spool: &mut Spool) -> Result<(), PageError> {
    loop {
        let read = IO::Read {
            handle: handle.to_owned(),
            offset: None,
            size: Some(CHUNK),
        };
        let answer = page.session.call_raw(read).await?;
        let unreadable = |error: &dyn std::fmt::Display| {
            PageError::Internal(format!("the browser's PDF can't be read: {error}"))
        };
        let chunk: Chunk<'_> =
            serde_json::from_slice(&answer).map_err(|error| unreadable(&error))?;
        if chunk.base64_encoded {
            let bytes = STANDARD
                .decode(chunk.data.as_bytes())
                .map_err(|error| unreadable(&error))?;
            spool.write(&bytes).await?;
        } else {
            spool.write(chunk.data.as_bytes()).await?;
        }
        if chunk.eof {
            return Ok(());
        }
    }
}

fn command(
    options: &PdfOptions,
    header: Option<String>,
    footer: Option<String>,
) -> PageDomain::PrintToPDF {
    let banners = header.is_some() || footer.is_some();
    // An absent template would print the browser's own date, title and address.
    let empty = || banners.then(|| "<span></span>".to_owned());
    PageDomain::PrintToPDF {
        landscape: Some(options.landscape),
        display_header_footer: Some(banners),
        print_background: Some(options.print_background),
        scale: Some(options.scale),
        paper_width: Some(options.paper.width.as_inches()),
        paper_height: Some(options.paper.height.as_inches()),
        margin_top: Some(options.margins.top.as_inches()),
        margin_bottom: Some(options.margins.bottom.as_inches()),
        margin_left: Some(options.margins.left.as_inches()),
        margin_right: Some(options.margins.right.as_inches()),
        page_ranges: Some(options.page_ranges.clone()),
        header_template: header.or_else(empty),
        footer_template: footer.or_else(empty),
        prefer_css_page_size: Some(options.prefer_css_page_size),
        transfer_mode: Some(PageDomain::PrintToPDFTransfer_modeOption::ReturnAsStream),
        // The browser makes bookmarks out of the tag tree.
        generate_tagged_pdf: Some(options.tagged || options.outline),
        generate_document_outline: Some(options.tagged || options.outline),
    }
}

/// The browser's refusals to print, in words that name the option.
fn refused(error: CallError, options: &PdfOptions) -> PageError {
    let CallError::Refused { refusal, .. } = &error else {
        return error.into();
    };
    let text = refusal.message.as_str();
    let said = if text.contains("Page range") {
        let ranges = &options.page_ranges;
        format!("pageRanges `{ranges}` names pages that the document does not have")
    } else if text.contains("content area is empty") || text.contains("invalid print parameters") {
        "the margins leave no room for content on this paper".to_owned()
    } else {
        format!("the browser could not print the page: {text}")
    };
    PageError::Rendering(said)
}
