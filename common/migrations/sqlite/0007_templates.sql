-- Templates that accounts keep, and the texts of their newest versions.

create table templates (
    id text primary key not null,
    account_id text not null references accounts (id),
    title text not null,
    kind text not null,
    -- Data to try it with: a JSON object.
    sample text,
    -- The newest.
    version integer not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create index templates_by_account on templates (account_id, id);

create table template_versions (
    template_id text not null references templates (id) on delete cascade,
    version integer not null,
    source text not null,
    created_at integer not null,
    primary key (template_id, version)
) strict;
