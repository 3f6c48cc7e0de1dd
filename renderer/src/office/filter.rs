//! What LibreOffice reads a file by, and what it writes. The filters are named, so that the content decides
//! nothing: a page that calls itself a document is not opened as a page.

use std::ffi::OsString;
use std::path::Path;

/// From one kind of file to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    reading: &'static str,
    writing: &'static str,
    /// The extension of what is written, without a dot.
    pub(super) extension: &'static str,
}

pub(super) const DOCX_TO_PDF: Filter = Filter {
    reading: "MS Word 2007 XML",
    writing: "pdf:writer_pdf_Export",
    extension: "pdf",
};

pub(super) const DOCX_TO_HTML: Filter = Filter {
    reading: "MS Word 2007 XML",
    writing: "html:HTML (StarWriter):EmbedImages",
    extension: "html",
};

pub(super) const PDF_TO_ODT: Filter = Filter {
    reading: "writer_pdf_import",
    writing: "odt:writer8",
    extension: "odt",
};

pub(super) const ODT_TO_DOCX: Filter = Filter {
    reading: "writer8",
    writing: "docx:MS Word 2007 XML",
    extension: "docx",
};

impl Filter {
    /// What LibreOffice is told, but for the file.
    pub(super) fn arguments(self, profile: &Path, out: &Path) -> Vec<OsString> {
        let mut place = OsString::from("-env:UserInstallation=file://");
        place.push(profile);
        let mut arguments = vec![place];
        for word in [
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--nofirststartwizard",
            "--nolockcheck",
        ] {
            arguments.push(word.into());
        }
        arguments.push(format!("--infilter={}", self.reading).into());
        arguments.extend(["--convert-to".into(), self.writing.into()]);
        arguments.extend(["--outdir".into(), out.into()]);
        arguments
    }
}
