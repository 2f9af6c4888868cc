-- A ticket that is merged goes on in another.
ALTER TABLE inbox DROP CONSTRAINT inbox_kind_check;
ALTER TABLE inbox ADD CONSTRAINT inbox_kind_check
    CHECK (kind IN ('message', 'staff_comment', 'ticket_status', 'ticket_merged', 'agent_reply'));
