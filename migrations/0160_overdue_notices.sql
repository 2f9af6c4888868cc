-- A notice tells of a handoff (its epoch) or of a broken promise. Until now a promise's id, below zero, stood for
-- the epoch.
ALTER TABLE notices ADD COLUMN promise_id bigint REFERENCES promises;
ALTER TABLE notices ALTER COLUMN epoch DROP NOT NULL;
UPDATE notices SET promise_id = -epoch, epoch = NULL WHERE epoch < 0;
ALTER TABLE notices ADD CHECK ((epoch IS NULL) <> (promise_id IS NULL));
ALTER TABLE notices DROP CONSTRAINT notices_conversation_id_epoch_step_medium_address_key;
ALTER TABLE notices ADD UNIQUE NULLS NOT DISTINCT (conversation_id, epoch, promise_id, step, medium, address);
