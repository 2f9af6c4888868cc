-- What is known of a customer, in one word each ("vip"), by who says so: desk (an agent) or helpdesk (the
-- tags of the ticket's requester).

CREATE TABLE customer_tags (
    conversation_id uuid NOT NULL REFERENCES conversations,
    source          text NOT NULL CHECK (source IN ('desk', 'helpdesk')),
    tag             text NOT NULL CHECK (tag <> ''),
    PRIMARY KEY (conversation_id, source, tag)
);
CREATE TRIGGER tell_desk AFTER INSERT ON customer_tags FOR EACH ROW EXECUTE FUNCTION tell_desk();
