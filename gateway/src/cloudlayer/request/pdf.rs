//! The PDF group: how a page is printed (reference 6.5).

use common::task::{Length, Margins, PdfOptions};

use super::fields::{Field, Fields};
use super::{Conversion, Invalid};
use super::{banner, dimension, metadata, paper, ranges};

/// The margins when a side is not named: the browser's own 1 cm, as the seed rounds it.
const MARGINS: Margins = Margins {
    top: Length::inches(0.4),
    right: Length::inches(0.39),
    bottom: Length::inches(0.39),
    left: Length::inches(0.4),
};

/// Templates bring their own.
const NO_MARGINS: Margins = Margins {
    top: Length::inches(0.0),
    right: Length::inches(0.0),
    bottom: Length::inches(0.0),
    left: Length::inches(0.0),
};

/// The margins where nothing is said.
pub(super) const fn margins(kind: Conversion) -> Margins {
    match kind.template() {
        Some(_) => NO_MARGINS,
        None => MARGINS,
    }
}

/// Reads the group; a side that is not named has its margin of `unset`. `tagged`, `outline` and `metadata`
/// are Platen's own.
pub(super) fn read(fields: &Fields<'_>, unset: Margins) -> Result<PdfOptions, Invalid> {
    let margins = |field: &Field<'_>| dimension::margins(field, unset);
    let scale = fields.maybe("scale", |field| field.number(0.1..=2.0))?;
    let options = PdfOptions {
        paper: paper::read(fields)?,
        landscape: fields.flag("landscape")?,
        prefer_css_page_size: fields.flag("preferCSSPageSize")?,
        margins: fields.maybe("margin", margins)?.unwrap_or(unset),
        scale: scale.unwrap_or(1.0),
        print_background: fields.flag("printBackground")?,
        page_ranges: fields
            .maybe("pageRanges", ranges::read)?
            .unwrap_or_default(),
        header: fields.maybe("headerTemplate", banner::read)?.flatten(),
        footer: fields.maybe("footerTemplate", banner::read)?.flatten(),
        tagged: fields.flag("tagged")?,
        outline: fields.flag("outline")?,
        metadata: metadata::read(fields)?,
    };
    check_content_area(fields, &options)?;
    Ok(options)
}

/// The margins must leave something to print on. A size from the document's CSS is not known here.
fn check_content_area(fields: &Fields<'_>, options: &PdfOptions) -> Result<(), Invalid> {
    if options.prefer_css_page_size {
        return Ok(());
    }
    let (mut width, mut height) = (
        options.paper.width.as_inches(),
        options.paper.height.as_inches(),
    );
    if options.landscape {
        (width, height) = (height, width);
    }
    let margins = &options.margins;
    let across = margins.left.as_inches() + margins.right.as_inches();
    let down = margins.top.as_inches() + margins.bottom.as_inches();
    let sides = [
        ("left", "right", across, width, "wide"),
        ("top", "bottom", down, height, "high"),
    ];
    for (first, second, taken, sheet, word) in sides {
        if taken >= sheet {
            return Err(fields.invalid(
                "margin",
                format!(
                    "leaves nothing to print on: {first} and {second} take {taken:.2} in of a sheet \
                     that is {sheet:.2} in {word}; make them smaller or the sheet larger"
                ),
            ));
        }
    }
    Ok(())
}
