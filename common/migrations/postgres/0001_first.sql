-- Times are microseconds since 1970, money is thousandths of a credit, ids sort by creation.
-- The text of this schema and of the SQLite one differ in types only.

create table accounts (
    id text collate "C" primary key not null,
    name text not null,
    email text,
    balance bigint not null check (balance >= 0),
    rate bigint check (rate >= 1),
    in_flight bigint not null check (in_flight >= 1),
    backlog bigint not null check (backlog >= 0),
    webhook_url text,
    -- The sliding rate window: which minute, its count, the count of the minute before.
    rate_bucket bigint not null default 0,
    rate_count bigint not null default 0,
    rate_previous bigint not null default 0,
    created_at bigint not null
);

create table keys (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    name text not null,
    hash text not null unique,
    last4 text not null,
    created_at bigint not null,
    revoked_at bigint
);

create index keys_by_account on keys (account_id, id);

create table jobs (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    key_id text collate "C" not null references keys (id),
    dialect text not null,
    kind text not null,
    mode text not null check (mode in ('sync', 'async')),
    -- A synchronous job whose caller was sent away with 202: its webhook fires.
    detached boolean not null default false,
    lane text not null,
    state text not null check (state in ('held', 'queued', 'published', 'success', 'error')),
    name text,
    project_id text,
    file_name text not null,
    inline boolean not null,
    listed boolean not null,
    inputs text not null,
    price bigint not null check (price >= 0),
    route text,
    webhook text,
    claimed_until bigint,
    -- How many server processes have started it.
    starts bigint not null default 1,
    run_id text collate "C",
    worker text,
    size bigint,
    failure text,
    error text,
    created_at bigint not null,
    expires_at bigint not null,
    started_at bigint,
    finished_at bigint,
    -- The long columns come last: SQLite reads a row from its beginning.
    params text not null,
    -- Sealed; erased when the job ends.
    task bytea,
    check ((finished_at is null) = (state in ('held', 'queued', 'published'))),
    check ((finished_at is null) = (task is not null))
);

create index jobs_by_account on jobs (account_id, id);
-- The last column spares a look into the table.
create index jobs_open on jobs (account_id, mode, state, finished_at) where finished_at is null;
create index jobs_queued on jobs (id) where state = 'queued';
create index jobs_held on jobs (account_id, id) where state = 'held';
create index jobs_published on jobs (id) where state = 'published';
create index jobs_expiry on jobs (expires_at) where finished_at is null;

create table ledger (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    job_id text collate "C" references jobs (id),
    kind text not null check (kind in ('grant', 'charge', 'refund')),
    amount bigint not null,
    created_at bigint not null,
    check ((kind = 'grant') = (job_id is null)),
    check (kind <> 'charge' or amount <= 0),
    check (kind <> 'refund' or amount >= 0)
);

create unique index ledger_once on ledger (job_id, kind);
create index ledger_by_account on ledger (account_id, id);

-- Sums over the ended jobs of an account, so that reading them does not read the jobs.
create table job_totals (
    account_id text collate "C" not null references accounts (id),
    kind text not null,
    success bigint not null,
    error bigint not null,
    bytes bigint not null,
    compute_us bigint not null,
    primary key (account_id, kind)
);

create table assets (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    job_id text collate "C" not null unique references jobs (id),
    name text,
    file_name text not null,
    content_type text not null,
    extension text not null,
    size bigint not null,
    object_key text not null,
    preview text,
    inline boolean not null,
    listed boolean not null,
    project_id text,
    created_at bigint not null,
    expires_at bigint not null
);

create index assets_by_account on assets (account_id, id) where listed;
create index assets_expiry on assets (expires_at);

create table deliveries (
    id text collate "C" primary key not null,
    job_id text collate "C" not null references jobs (id),
    account_id text collate "C" not null references accounts (id),
    url text not null,
    -- The request's own webhook, not the account's setting.
    own boolean not null,
    state text not null check (state in ('pending', 'delivered', 'failed')),
    attempts bigint not null default 0,
    interruptions bigint not null default 0,
    due_at bigint not null,
    queued_until bigint,
    lease_token text,
    leased_until bigint,
    created_at bigint not null,
    finished_at bigint,
    check ((lease_token is null) = (leased_until is null)),
    check ((finished_at is null) = (state = 'pending'))
);

create index deliveries_by_job on deliveries (job_id, id);
create index deliveries_due on deliveries (due_at) where state = 'pending';
create index deliveries_leased on deliveries (leased_until) where lease_token is not null;
create index deliveries_failed on deliveries (account_id, id) where state = 'failed';

create table attempts (
    id text collate "C" primary key not null,
    delivery_id text collate "C" not null references deliveries (id),
    number bigint not null check (number >= 1),
    -- Empty while the call is under way.
    outcome text,
    status bigint,
    error text,
    excerpt text,
    duration_us bigint,
    started_at bigint not null,
    finished_at bigint
);

create index attempts_by_delivery on attempts (delivery_id, id);
