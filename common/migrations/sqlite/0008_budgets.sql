-- Projects: keys of an account may belong to one, and spend no more together than its budget.

create table projects (
    id text primary key not null,
    account_id text not null references accounts (id),
    name text not null,
    -- Empty is no limit.
    budget integer check (budget >= 0),
    -- Charges less refunds, since it was last set to nothing.
    spent integer not null default 0 check (spent >= 0),
    created_at integer not null
) strict;

create index projects_by_account on projects (account_id, id);

alter table keys add column project_id text references projects (id);
