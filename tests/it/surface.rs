//! What a customer sees, whatever runs beneath: the same claims hold for one process on embedded
//! defaults and for three services over servers (see `platen_tests::platen::STACK`).

mod accounts;
mod area;
mod asked;
mod bad_input;
mod banner;
mod convert;
mod document;
mod effort;
mod egress;
mod emulation;
mod files;
mod hostile;
mod idempotency;
mod identity;
mod joined;
mod layers;
mod links;
mod models;
mod money;
mod naming;
mod openapi;
mod own_origin;
mod paper;
mod picture;
mod preview;
mod python_client;
mod reader;
mod reads;
mod rules;
mod storage;
mod templates;
mod tenants;
mod timeline;
mod waiting;
mod webhook;
