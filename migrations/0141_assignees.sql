-- Whom the helpdesk has a ticket assigned to, as last seen: a name, empty for nobody; null while unknown.
ALTER TABLE tickets ADD COLUMN assignee text;
