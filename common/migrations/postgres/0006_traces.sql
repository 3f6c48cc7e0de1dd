-- Where in a trace a job was accepted, a job was settled, and the last attempt of a delivery was made:
-- W3C traceparents. What is done later, by other processes, joins the trace or points to it.

alter table jobs add column trace text;
alter table deliveries add column trace text;
alter table deliveries add column attempt_trace text;
