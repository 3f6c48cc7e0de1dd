//! The words for a job: its states, its kind, its lane.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that names none of the known values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}")]
pub struct UnknownWord {
    what: &'static str,
    text: String,
}

/// Defines an enum whose values have one fixed text, in the database and in messages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The fixed text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { what: $what, text: text.to_owned() }),
                }
            }
        }

        #[cfg(feature = "store")]
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(ty)
            }
        }

        #[cfg(feature = "store")]
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, DB>>::encode(self.as_str().to_owned(), buffer)
            }
        }

        #[cfg(feature = "store")]
        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let text = <String as sqlx::Decode<'r, DB>>::decode(value)?;
                Ok(text.parse()?)
            }
        }
    };
}

words!(
    /// Where a job stands: `held → queued → published → success | error`.
    JobState, "job state" {
        /// Accepted; its account has too many jobs in flight.
        Held = "held",
        /// Accepted; to be published.
        Queued = "queued",
        /// Handed to the broker.
        Published = "published",
        /// Ended well: the result is stored.
        Success = "success",
        /// Ended badly: the charge was refunded.
        Error = "error",
    }
);

impl JobState {
    /// Whether the job has ended.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }
}

words!(
    /// Whose words a job was asked for in, and is answered in.
    Dialect, "dialect" {
        /// The cloudlayer.io dialect.
        Cloudlayer = "cloudlayer",
        /// The Iteration Layer dialect.
        IterationLayer = "iterationlayer",
    }
);

words!(
    /// Whether the caller waits for the result.
    Mode, "job mode" {
        /// The caller holds the connection.
        Sync = "sync",
        /// The caller has been answered; a webhook may follow.
        Async = "async",
    }
);

words!(
    /// What kind of worker a job needs; each lane scales by itself.
    Lane, "lane" {
        /// A browser.
        Browser = "browser",
        /// Our own painters, no browser.
        Native = "native",
        /// An office suite.
        Office = "office",
    }
);

words!(
    /// What was asked for: the cloudlayer dialect's `type` (reference section 8.1), and a word of the
    /// same form for what that dialect does not know.
    JobKind, "job type" {
        /// A page on the network to a PDF.
        UrlPdf = "url-pdf",
        /// A page on the network to a picture.
        UrlImage = "url-image",
        /// A document to a PDF.
        HtmlPdf = "html-pdf",
        /// A document to a picture.
        HtmlImage = "html-image",
        /// A template and its data to a PDF.
        TemplatePdf = "template-pdf",
        /// A template and its data to a picture.
        TemplateImage = "template-image",
        /// A text document to a PDF.
        DocxPdf = "docx-pdf",
        /// A text document to a page.
        DocxHtml = "docx-html",
        /// A PDF to a text document.
        PdfDocx = "pdf-docx",
        /// PDF files to one.
        MergePdf = "merge-pdf",
        /// Layers to a picture.
        ImageGeneration = "image-generation",
        /// Whether a customer's bucket takes results: work of ours, free, and in no listing.
        StorageCheck = "storage-check",
    }
);

impl JobKind {
    /// Whether customers ask for it, pay for it and find it among their jobs.
    pub const fn is_conversion(self) -> bool {
        !matches!(self, Self::StorageCheck)
    }
}

words!(
    /// Why a job failed; the first word of the text that the customer reads.
    FailureKind, "failure kind" {
        /// The page took longer than the caller allowed.
        Timeout = "timeout",
        /// The page could not be reached.
        Navigation = "navigation",
        /// The page was reached but could not be turned into the output.
        Rendering = "rendering",
        /// Ours, not the caller's.
        Internal = "internal",
        /// It waited longer than a job may.
        Expired = "expired",
        /// The customer's own bucket did not take the result.
        Storage = "storage",
    }
);

words!(
    /// What a run does one after the other. A lane passes through those that it has, and through some of
    /// them more than once.
    Phase, "phase" {
        /// Waits for a browser with a fresh page.
        Start = "start",
        /// Gets what is kept outside of the task: a long document, a picture's description and files, PDFs, a file to convert.
        Fetch = "fetch",
        /// Shows the page, until the event that ends loading.
        Navigate = "navigate",
        /// Waits for what the caller wants to be there.
        Wait = "wait",
        /// Prints or photographs the page, or paints the layers, or joins PDFs, or converts a file.
        Print = "print",
        /// Encodes a painted picture, draws a thumbnail.
        PostProcess = "post_process",
        /// Puts files into the object store.
        Store = "store",
    }
);

words!(
    /// Where a delivery stands.
    DeliveryState, "delivery state" {
        /// To be tried when its time has come.
        Pending = "pending",
        /// Its endpoint is switched off; it waits for that to change, for a time.
        Parked = "parked",
        /// The endpoint accepted it.
        Delivered = "delivered",
        /// Given up; it can be sent again by hand.
        Failed = "failed",
    }
);

words!(
    /// What came of one attempt.
    AttemptOutcome, "attempt outcome" {
        /// Accepted by the endpoint.
        Delivered = "delivered",
        /// Answered with another status.
        Rejected = "rejected",
        /// No answer in time.
        Timeout = "timeout",
        /// No connection, or one that broke.
        Connection = "connection",
        /// The address is not allowed.
        Refused = "refused",
        /// Cut off by a crash of ours.
        Interrupted = "interrupted",
    }
);

words!(
    /// Why an endpoint is switched off.
    OffReason, "reason why an endpoint is switched off" {
        /// It answered 410 Gone.
        Gone = "gone",
        /// Every call has failed for too long.
        Failing = "failing",
    }
);

words!(
    /// What a template is made for (reference cloudlayer, section 11.3); either can be made of it.
    TemplateKind, "kind of template" {
        /// Pages.
        Pdf = "pdf",
        /// A picture.
        Image = "image",
    }
);

words!(
    /// Why the balance of an account moved.
    EntryKind, "ledger entry kind" {
        /// Given by the operator.
        Grant = "grant",
        /// Taken for a job.
        Charge = "charge",
        /// Given back for a job that failed.
        Refund = "refund",
    }
);
