-- One-time codes by which a customer proves an order that is not under their phone number.

-- A code is made whether or not the e-mail is the one on the order, so that the two cannot be told apart;
-- `genuine` says whether it was sent, and only then one is right. Of code and e-mail only digests are kept, and
-- the code's goes as soon as it is spent.
CREATE TABLE identity_codes (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id text NOT NULL,
    order_number    text NOT NULL,
    email_digest    bytea NOT NULL,
    salt            bytea NOT NULL,
    code_digest     bytea,
    genuine         boolean NOT NULL,
    tries           integer NOT NULL DEFAULT 0,
    made_at         timestamptz NOT NULL
);
CREATE INDEX identity_codes_conversation ON identity_codes (conversation_id, made_at DESC);
CREATE INDEX identity_codes_order ON identity_codes (order_number, made_at DESC);

-- Who tried to prove which order, and how it went. Append-only.
CREATE TABLE identity_log (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL,
    conversation_id text NOT NULL,
    order_number    text NOT NULL,
    event           text NOT NULL CHECK (event IN
                    ('asked', 'decoy', 'limited', 'sent', 'not_sent', 'right', 'wrong', 'spent', 'expired'))
);
CREATE INDEX identity_log_order ON identity_log (order_number, at DESC);
