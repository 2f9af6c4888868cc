-- The row of the outbox that tries an exit on hold: its success alone ends the hold, not that of a row which was
-- claimed before the hold could be seen.

ALTER TABLE holds ADD COLUMN probe bigint;
