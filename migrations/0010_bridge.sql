-- The two-way bridge: ticket updates that carry several messages, exits on hold, and what was seen of tickets.

-- bundle: the row together with which this one went to the ticket. refused_id: the channel's id of a send
-- that came back as refused; late receipts for it change nothing.
ALTER TABLE outbox ADD COLUMN bundle bigint REFERENCES outbox, ADD COLUMN refused_id text;
CREATE INDEX outbox_bundle ON outbox (bundle) WHERE bundle IS NOT NULL;

-- Every update of a ticket we attempted: the helpdesk takes 30 in 10 minutes.
CREATE TABLE ticket_updates (
    ticket_id bigint NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ticket_updates_recent ON ticket_updates (ticket_id, at);

-- An exit whose every call fails until a person mends it. Until held_until nobody tries; then one does.
CREATE TABLE holds (
    exit       text PRIMARY KEY,
    held_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    held_until timestamptz NOT NULL,
    why        text NOT NULL
);

-- What reconciliation last saw of a ticket. seen: its last change, as the helpdesk writes it; settled: the
-- same one was seen twice. polled_at: when its comments were last asked for without knowing of a change.
ALTER TABLE tickets
    ADD COLUMN status    text,
    ADD COLUMN status_at timestamptz,
    ADD COLUMN seen      text,
    ADD COLUMN settled   boolean NOT NULL DEFAULT false,
    ADD COLUMN polled_at timestamptz;

-- How far something has been read, and when it was last.
CREATE TABLE cursors (
    name  text PRIMARY KEY,
    value text NOT NULL DEFAULT '',
    at    timestamptz NOT NULL DEFAULT '-infinity'
);
