-- What customers were promised, and what those who wait were told.

CREATE TABLE promises (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    -- answer: a person answers; call: a person calls; own: what an agent said they would do.
    kind            text NOT NULL CHECK (kind IN ('answer', 'call', 'own')),
    what            text NOT NULL,
    phone           text,
    made_by         text NOT NULL,
    made_at         timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    -- open, or broken once it is due; both are still owed. Then kept (perhaps late: broken_at is set) or withdrawn.
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'broken', 'kept', 'withdrawn')),
    broken_at       timestamptz,
    settled_at      timestamptz,
    settled_by      text
);
CREATE UNIQUE INDEX promises_once ON promises (conversation_id, kind)
    WHERE state IN ('open', 'broken') AND kind IN ('answer', 'call');
CREATE INDEX promises_owed ON promises (due_at) WHERE state IN ('open', 'broken');
CREATE INDEX promises_conversation ON promises (conversation_id, id);
CREATE TRIGGER tell_desk AFTER INSERT OR UPDATE ON promises FOR EACH ROW EXECUTE FUNCTION tell_desk();

-- A customer who waits after a handoff, until an agent steps in or control changes (epoch).
CREATE TABLE waits (
    conversation_id uuid PRIMARY KEY REFERENCES conversations,
    epoch           integer NOT NULL,
    told_at         timestamptz NOT NULL,
    -- A call-back was offered, and no answer to that has come.
    offered         boolean NOT NULL,
    -- How often we said that we have got a message.
    thanked         integer NOT NULL DEFAULT 0
);

-- The last sign of an agent, and the waits that were measured, are looked up at every handoff.
CREATE INDEX log_agents ON log (at) WHERE kind = 'message' AND author = 'agent';
CREATE INDEX log_control ON log (id) WHERE kind = 'control';
