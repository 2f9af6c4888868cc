-- What an agent leaves to the bot: a digest at each release, and how orders stood when the agent got control.

CREATE TABLE hand_backs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    digest          jsonb NOT NULL
);
CREATE INDEX hand_backs_conversation ON hand_backs (conversation_id, id);

-- The facts of the customer's orders, by order and name, as they stood soon after `since`, the moment from
-- which an agent has had control. NULL: the shop did not say.
CREATE TABLE order_marks (
    conversation_id uuid PRIMARY KEY REFERENCES conversations,
    since           timestamptz NOT NULL,
    facts           jsonb
);

-- When the agent was told that the conversation goes back to the bot unless somebody writes.
ALTER TABLE conversations ADD COLUMN warned_at timestamptz;
CREATE TRIGGER tell_desk_of_warning AFTER UPDATE OF warned_at ON conversations
    FOR EACH ROW EXECUTE FUNCTION tell_desk_of_conversation();

-- kind idle: the agent was told that the conversation goes back.
ALTER TABLE notes DROP CONSTRAINT notes_kind_check, ADD CONSTRAINT notes_kind_check
    CHECK (kind IN ('note', 'holder', 'idle'));
