-- Old jobs are swept, and the ledger keeps its entries for ever: it no longer refers to the jobs table.
-- SQLite can't drop a constraint, so the table is made anew; nothing refers to it.

create table ledger_kept (
    id text primary key not null,
    account_id text not null references accounts (id),
    -- The job may be gone.
    job_id text,
    kind text not null check (kind in ('grant', 'charge', 'refund')),
    amount integer not null,
    created_at integer not null,
    check ((kind = 'grant') = (job_id is null)),
    check (kind <> 'charge' or amount <= 0),
    check (kind <> 'refund' or amount >= 0)
) strict;

insert into ledger_kept (id, account_id, job_id, kind, amount, created_at)
    select id, account_id, job_id, kind, amount, created_at from ledger;
drop table ledger;
alter table ledger_kept rename to ledger;

create unique index ledger_once on ledger (job_id, kind);
create index ledger_by_account on ledger (account_id, id);

create index jobs_finished on jobs (finished_at) where finished_at is not null;
