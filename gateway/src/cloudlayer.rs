//! The cloudlayer.io dialect: its requests, its answers, its errors. Its words stay in here.

pub(crate) mod account;
pub(crate) mod assets;
pub(crate) mod conversion;
pub(crate) mod convert;
pub(crate) mod error;
mod headers;
pub(crate) mod jobs;
pub(crate) mod merge;
mod ours;
pub(crate) mod paging;
pub(crate) mod request;
pub(crate) mod status;
mod timeline;
pub(crate) mod unbuilt;
