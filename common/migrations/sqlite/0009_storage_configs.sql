-- Customers' own buckets. Where one is never changes; its keys may.

create table storages (
    id text primary key not null,
    account_id text not null references accounts (id),
    title text not null,
    endpoint text,
    region text not null,
    bucket text not null,
    -- Sealed for this row.
    keys blob not null,
    created_at integer not null,
    -- When the keys were last set.
    updated_at integer not null
) strict;

create unique index storages_by_title on storages (account_id, title);
