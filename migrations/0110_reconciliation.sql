-- Reading tickets for what webhooks lost. read_to: what staff wrote before this moment (by the helpdesk's clock)
-- has been taken, or was not for our customer. seen, settled, polled_at, status: see 0010.
ALTER TABLE tickets ADD COLUMN read_to timestamptz;

UPDATE tickets SET status = 'solved', status_at = clock_timestamp() WHERE solved;

CREATE INDEX tickets_watched ON tickets (polled_at) WHERE status IS NULL OR status NOT IN ('closed', 'deleted');
