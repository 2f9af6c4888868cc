-- A code may also have gone out as a text message to the phone on the order.

ALTER TABLE identity_log DROP CONSTRAINT identity_log_event_check;
ALTER TABLE identity_log ADD CONSTRAINT identity_log_event_check CHECK (event IN
    ('asked', 'decoy', 'limited', 'sent', 'sent_text', 'not_sent', 'right', 'wrong', 'spent', 'expired'));
