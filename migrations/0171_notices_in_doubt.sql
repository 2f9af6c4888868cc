-- Attempts to send a notice of which nobody knows the outcome: after a few it counts as failed.
ALTER TABLE notices ADD COLUMN doubts integer NOT NULL DEFAULT 0;
