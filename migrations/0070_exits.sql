-- A line leaves by the channel of its conversation: whichever channels there are, not WhatsApp alone.

ALTER TABLE outbox DROP CONSTRAINT outbox_exit_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_exit_check CHECK (exit <> '');
