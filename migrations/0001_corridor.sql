-- The corridor: conversations, what came in, what goes out, and the log of it all.

CREATE TABLE conversations (
    id            uuid PRIMARY KEY,
    channel       text NOT NULL,
    account       text NOT NULL,
    user_id       text,
    wa_id         text,
    name          text,
    control       text NOT NULL DEFAULT 'bot' CHECK (control IN ('bot', 'agent')),
    epoch         integer NOT NULL DEFAULT 0,
    control_since timestamptz NOT NULL DEFAULT now(),
    control_why   text,
    -- The engine begins a fresh session with the next question, with these slots.
    fresh_session boolean NOT NULL DEFAULT false,
    slots         jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- The customer's last message: the channel's 24-hour window counts from here.
    heard_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversations_heard ON conversations (heard_at DESC);
CREATE INDEX conversations_waiting ON conversations (control_since) WHERE control = 'agent';

-- Every identity by which a channel may name the customer of a conversation.
CREATE TABLE identities (
    channel         text NOT NULL,
    account         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('user_id', 'wa_id')),
    value           text NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations,
    PRIMARY KEY (channel, account, kind, value)
);
CREATE INDEX identities_conversation ON identities (conversation_id);

CREATE TABLE inbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel         text NOT NULL,
    external_id     text NOT NULL,
    conversation_id uuid NOT NULL REFERENCES conversations,
    kind            text NOT NULL CHECK (kind IN
                    ('message', 'staff_comment', 'ticket_status', 'agent_reply')),
    body            jsonb NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at         timestamptz,
    UNIQUE (channel, external_id)
);
CREATE INDEX inbox_open ON inbox (received_at) WHERE done_at IS NULL;

CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    exit            text NOT NULL CHECK (exit IN ('whatsapp', 'zendesk')),
    kind            text NOT NULL CHECK (kind IN ('message', 'ticket', 'comment')),
    author          text NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    epoch           integer NOT NULL,
    body            jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN
                    ('pending', 'sending', 'sent', 'delivered', 'read', 'failed', 'dropped', 'held')),
    why             text,
    external_id     text,
    attempts        integer NOT NULL DEFAULT 0,
    -- The outcome of the last attempt is unknown; settled by a receipt, or repeated after a wait.
    in_doubt        boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_at      timestamptz,
    settled_at      timestamptz
);
CREATE INDEX outbox_external ON outbox (exit, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX outbox_open ON outbox (conversation_id) WHERE state IN ('pending', 'sending', 'held');

CREATE TABLE tickets (
    id              bigint PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    requester_id    bigint NOT NULL,
    solved          boolean NOT NULL DEFAULT false,
    opened_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX tickets_conversation ON tickets (conversation_id, opened_at DESC);

-- Append-only. kind: message (a line somebody wrote), turn (how the bot came to its answer),
-- control (who may speak changed), delivery (a line was dropped or failed).
CREATE TABLE log (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind            text NOT NULL CHECK (kind IN ('message', 'turn', 'control', 'delivery')),
    author          text NOT NULL CHECK (author IN ('customer', 'bot', 'agent', 'system')),
    text            text NOT NULL DEFAULT '',
    inbox_id        bigint REFERENCES inbox,
    outbox_id       bigint REFERENCES outbox,
    body            jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX log_conversation ON log (conversation_id, id);
CREATE INDEX log_turns ON log (at) WHERE kind = 'turn';
