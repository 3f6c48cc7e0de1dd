-- Old jobs are swept, and the ledger keeps its entries for ever: it no longer refers to the jobs table.

alter table ledger drop constraint ledger_job_id_fkey;

create index jobs_finished on jobs (finished_at) where finished_at is not null;
