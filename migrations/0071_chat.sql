-- The chat on a website: who may read and write a conversation, and a word to whoever waits for news of it.

CREATE TABLE chat_sessions (
    -- Also the id of the conversation, which begins with the customer's first message.
    id         uuid PRIMARY KEY,
    -- Who opened it: the name of an API key, or "page".
    account    text NOT NULL,
    name       text,
    -- SHA-256 of the token that the customer's browser holds.
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX chat_sessions_expired ON chat_sessions (expires_at);

-- The payload is the conversation's id. Nothing is said of conversations on other channels.
CREATE FUNCTION tell_chat_of_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('parley_chat', NEW.id::text);
    RETURN NULL;
END $$;
CREATE FUNCTION tell_chat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('parley_chat', NEW.conversation_id::text);
    RETURN NULL;
END $$;

CREATE TRIGGER tell_chat AFTER UPDATE OF control ON conversations FOR EACH ROW
    WHEN (NEW.channel = 'chat') EXECUTE FUNCTION tell_chat_of_conversation();
CREATE TRIGGER tell_chat AFTER INSERT OR UPDATE OF done_at ON inbox FOR EACH ROW
    WHEN (NEW.channel = 'chat') EXECUTE FUNCTION tell_chat();
CREATE TRIGGER tell_chat AFTER UPDATE OF state ON outbox FOR EACH ROW
    WHEN (NEW.exit = 'chat' AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_chat();
