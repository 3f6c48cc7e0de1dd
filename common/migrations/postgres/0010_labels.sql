-- Listings by label, and the sum of what an account has stored, without reading all that an account has.

create index jobs_by_project on jobs (account_id, project_id, id) where project_id is not null;
create index jobs_by_name on jobs (account_id, name, id) where name is not null;
create index assets_by_project on assets (account_id, project_id, id) where project_id is not null;
create index assets_by_name on assets (account_id, name, id) where name is not null;
create index assets_stored on assets (account_id, size) where listed and object_key not like 'storages/%';
