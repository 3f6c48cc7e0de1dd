-- Projects: keys of an account may belong to one, and spend no more together than its budget.

create table projects (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    name text not null,
    -- Empty is no limit.
    budget bigint check (budget >= 0),
    -- Charges less refunds, since it was last set to nothing.
    spent bigint not null default 0 check (spent >= 0),
    created_at bigint not null
);

create index projects_by_account on projects (account_id, id);

alter table keys add column project_id text collate "C" references projects (id);
