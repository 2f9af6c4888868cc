-- What becomes of a reply after the channel's window has closed, as states of its row: held, nudged (held, and
-- the customer was told that there is a reply), expired.

ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK (state IN
    ('pending', 'sending', 'sent', 'delivered', 'read', 'failed', 'dropped', 'held', 'nudged', 'expired'));
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox (conversation_id) WHERE state IN ('pending', 'sending', 'held', 'nudged');
UPDATE outbox SET state = 'expired' WHERE state = 'dropped' AND why LIKE 'expired: %';
