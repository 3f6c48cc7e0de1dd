-- Which job a request with an Idempotency-Key became, so that its repeat gets that job.

create table idempotency_keys (
    account_id text collate "C" not null references accounts (id),
    key text collate "C" not null,
    -- Of method, path and body.
    fingerprint text not null,
    -- No reference: the row of a job may go before its key does.
    job_id text collate "C" not null,
    created_at bigint not null,
    primary key (account_id, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);
