-- A job explains itself: how its run went (JSON, bounded by whoever writes it), and when its end was
-- written down. Both are empty in jobs that ended before, or that a service of the version before ended.

alter table jobs add column settled_at integer;
alter table jobs add column report text;
