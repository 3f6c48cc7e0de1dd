-- Templates that accounts keep, and the texts of their newest versions.

create table templates (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    title text not null,
    kind text not null,
    -- Data to try it with: a JSON object.
    sample text,
    -- The newest.
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);

create index templates_by_account on templates (account_id, id);

create table template_versions (
    template_id text collate "C" not null references templates (id) on delete cascade,
    version bigint not null,
    source text not null,
    created_at bigint not null,
    primary key (template_id, version)
);
