//! The cloudlayer.io dialect: its requests, its answers, its errors. Its words stay in here.

pub(crate) mod account;
pub(crate) mod asked;
pub(crate) mod assets;
pub(crate) mod conversion;
pub(crate) mod convert;
pub(crate) mod error;
pub(crate) mod files;
mod headers;
pub(crate) mod jobs;
mod labels;
pub(crate) mod merge;
mod ours;
pub(crate) mod paging;
pub(crate) mod request;
pub(crate) mod status;
pub(crate) mod storage;
mod template;
pub(crate) mod templates;
mod timeline;
