-- The desk: who holds a conversation, how pressing it is, notes, what agents thought of its warnings,
-- and a word to every open page when something changes.

ALTER TABLE conversations
    -- The person who answers; nobody (NULL) while the bot does, or while it waits for somebody.
    ADD COLUMN holder   text,
    ADD COLUMN held_in  text CHECK (held_in IN ('desk', 'zendesk')),
    -- Of the last handoff: urgent, high, normal or low.
    ADD COLUMN priority text NOT NULL DEFAULT 'normal';
CREATE INDEX conversations_wa_id ON conversations (wa_id);

-- What agents write for each other. kind: note (somebody wrote it), holder (who holds it has changed).
CREATE TABLE notes (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    author          text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('note', 'holder')),
    text            text NOT NULL,
    -- Made by the page, so that a note sent again is stored once.
    key             text UNIQUE
);
CREATE INDEX notes_conversation ON notes (conversation_id, id);

-- A warning of the at-risk view that somebody acted on. useful: NULL until they say.
CREATE TABLE warnings (
    conversation_id uuid NOT NULL REFERENCES conversations,
    agent           text NOT NULL,
    codes           text[] NOT NULL,
    acted_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    useful          boolean,
    judged_at       timestamptz,
    PRIMARY KEY (conversation_id, agent, codes)
);
CREATE INDEX warnings_acted ON warnings (acted_at);

-- Every web process listens; the payload is the conversation's id. Equal ones of a transaction become one.
CREATE FUNCTION tell_desk_of_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('parley_desk', NEW.id::text);
    RETURN NULL;
END $$;
CREATE FUNCTION tell_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('parley_desk', NEW.conversation_id::text);
    RETURN NULL;
END $$;

CREATE TRIGGER tell_desk AFTER INSERT OR UPDATE OF control, holder, heard_at, name, priority
    ON conversations FOR EACH ROW EXECUTE FUNCTION tell_desk_of_conversation();
CREATE TRIGGER tell_desk AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION tell_desk();
CREATE TRIGGER tell_desk AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION tell_desk();
CREATE TRIGGER tell_desk AFTER INSERT OR UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION tell_desk();
CREATE TRIGGER tell_desk AFTER INSERT OR UPDATE ON warnings FOR EACH ROW EXECUTE FUNCTION tell_desk();
CREATE TRIGGER tell_desk AFTER UPDATE OF state ON outbox FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_desk();
CREATE TRIGGER tell_desk AFTER INSERT ON inbox FOR EACH ROW
    WHEN (NEW.kind = 'agent_reply') EXECUTE FUNCTION tell_desk();
