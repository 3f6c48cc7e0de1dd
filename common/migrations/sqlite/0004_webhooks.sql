-- Webhooks: the account's endpoint has a standing and a secret, deliveries can wait for their endpoint
-- and be sent again; and what the reconciler needs to find jobs that the broker lost.

-- Since when every call has failed, when the last one did, and whether the endpoint is switched off, since when and why.
alter table accounts add column webhook_failing_since integer;
alter table accounts add column webhook_failed_at integer;
alter table accounts add column webhook_off_at integer;
alter table accounts add column webhook_off_reason text;
-- The secret is derived from the installation's key and this number; the one before signs too until then.
alter table accounts add column webhook_secret integer not null default 1;
alter table accounts add column webhook_secret_overlap_until integer;

-- What the endpoint tells repeats by: the id of the first delivery, in those that send it again.
alter table deliveries add column message_id text;
-- Waits for its endpoint to be switched on; due_at is then when it is given up. The state stays
-- pending, which services of the version before understand.
alter table deliveries add column parked_at integer;
-- A failed one that was sent again is not sent again with all the others.
alter table deliveries add column replayed_at integer;

create index deliveries_by_account on deliveries (account_id, id);
create index deliveries_parked on deliveries (account_id, id) where parked_at is not null;

alter table jobs add column published_at integer;
-- How often it was published again because the broker had lost it.
alter table jobs add column republished integer not null default 0;

-- Samples that an owner sends to try an endpoint; kept for a short time.
create table pings (
    id text primary key not null,
    account_id text not null references accounts (id),
    url text not null,
    dialect text not null,
    claimed_until integer,
    outcome text,
    status integer,
    error text,
    excerpt text,
    duration_us integer,
    created_at integer not null,
    finished_at integer
) strict;

create index pings_open on pings (id) where finished_at is null;
create index pings_by_age on pings (created_at);
