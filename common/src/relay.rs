//! Publishes what the rows say is not published yet: the outbox.
