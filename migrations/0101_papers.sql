-- Links to papers (an invoice, a return label) that a customer was given. The link itself is not kept, only
-- its digest; it opens the paper as long as the order is this owner's.

CREATE TABLE paper_links (
    digest        bytea PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('invoice', 'label')),
    order_number  text NOT NULL,
    return_number text,
    phone         text,
    email         text,
    made_at       timestamptz NOT NULL
);
CREATE INDEX paper_links_made ON paper_links (made_at);
