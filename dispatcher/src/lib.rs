//! Settles jobs and delivers webhooks.
