-- An exit may also be on hold because the other side limits us: until held_until nobody tries, then everybody may.
-- times: how often in a row it was limited.

ALTER TABLE holds
    ADD COLUMN limited boolean NOT NULL DEFAULT false,
    ADD COLUMN times   integer NOT NULL DEFAULT 0;
