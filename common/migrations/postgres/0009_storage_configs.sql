-- Customers' own buckets. Where one is never changes; its keys may.

create table storages (
    id text collate "C" primary key not null,
    account_id text collate "C" not null references accounts (id),
    title text not null,
    endpoint text,
    region text not null,
    bucket text not null,
    -- Sealed for this row.
    keys bytea not null,
    created_at bigint not null,
    -- When the keys were last set.
    updated_at bigint not null
);

create unique index storages_by_title on storages (account_id, title);
