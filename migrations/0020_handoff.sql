-- Handoff: when an agent stepped in by hand, the last time. Whatever was on its way before (a line of the
-- bot, a "ticket solved" from the helpdesk) has no say any more.

ALTER TABLE conversations ADD COLUMN taken_at timestamptz;
