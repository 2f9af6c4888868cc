-- A warning counts once for each time that the bot has the conversation, not once for ever.

ALTER TABLE warnings
    -- Of the conversation when it was acted on or judged.
    ADD COLUMN epoch integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT warnings_pkey,
    ADD PRIMARY KEY (conversation_id, agent, codes, epoch);
