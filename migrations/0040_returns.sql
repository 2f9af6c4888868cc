-- What a return needs to be judged and carried through: the kind of goods, what lies in which parcel,
-- the item's condition, what the customer wants for it, and that a return can be called off.

ALTER TABLE order_items ADD COLUMN kind text NOT NULL DEFAULT 'general' CHECK (kind IN
    ('general', 'hygiene', 'software', 'gift_card', 'digital', 'personalised', 'perishable'));

-- Titles of the items in this parcel; empty: the whole order.
ALTER TABLE order_shipments ADD COLUMN items text[] NOT NULL DEFAULT '{}';

ALTER TABLE order_returns
    ADD COLUMN condition text NOT NULL DEFAULT 'unopened' CHECK (condition IN
        ('unopened', 'opened', 'used', 'faulty')),
    ADD COLUMN outcome text NOT NULL DEFAULT 'refund' CHECK (outcome IN
        ('refund', 'exchange', 'store_credit')),
    ADD COLUMN exchange_for text,
    ADD COLUMN photo text,
    ADD COLUMN label_url text,
    ADD COLUMN cancelled_on date;

-- One open return per item: asking again finds the one that is there, after a cancelled one there may be another.
ALTER TABLE order_returns DROP CONSTRAINT order_returns_order_number_item_key;
CREATE UNIQUE INDEX order_returns_open ON order_returns (order_number, item) WHERE cancelled_on IS NULL;
CREATE INDEX order_returns_order ON order_returns (order_number);
