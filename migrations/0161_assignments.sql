-- Whom the desk gives a conversation to, the ticket is assigned to: a kind of row of its own, in order with the comments.
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CHECK (kind IN ('message', 'ticket', 'comment', 'assignment'));
