-- Who is told that a customer waits for a person: one row for each message to colleagues, made with the handoff.

-- epoch: of the handoff; when it is past, or somebody holds the conversation, nothing more is told.
-- step: on the rule's ladder, from 0. medium: slack or mail; address: whom by mail, empty for slack.
CREATE TABLE notices (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    epoch           integer NOT NULL,
    rule            text NOT NULL,
    step            integer NOT NULL,
    medium          text NOT NULL CHECK (medium IN ('slack', 'mail')),
    address         text NOT NULL DEFAULT '',
    body            jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN
                    ('waiting', 'pending', 'sending', 'sent', 'stopped', 'failed')),
    why             text,
    attempts        integer NOT NULL DEFAULT 0,
    asked_at        timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    claimed_at      timestamptz,
    settled_at      timestamptz,
    UNIQUE (conversation_id, epoch, step, medium, address)
);
CREATE INDEX notices_due ON notices (due_at) WHERE state = 'waiting';
CREATE INDEX notices_recent ON notices (asked_at DESC);
