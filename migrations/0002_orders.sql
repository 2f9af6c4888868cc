-- The shop's orders. Money is in cents of the order's currency; phones are E.164 with "+".

CREATE TABLE orders (
    number         text PRIMARY KEY,
    customer       text NOT NULL,
    phone          text NOT NULL,
    email          text NOT NULL,
    status         text NOT NULL CHECK (status IN ('processing', 'shipped', 'out_for_delivery',
                   'delayed', 'delivered', 'cancelled', 'returned')),
    placed_on      date NOT NULL,
    promised_on    date NOT NULL,
    estimated_on   date,
    delivered_on   date,
    address        text NOT NULL,
    currency       text NOT NULL,
    payment_method text NOT NULL,
    invoice_url    text,
    -- Made up for the demo shop; loading the demo touches only these.
    demo           boolean NOT NULL DEFAULT false
);
CREATE INDEX orders_phone ON orders (phone, placed_on DESC);

CREATE TABLE order_items (
    order_number text NOT NULL REFERENCES orders ON DELETE CASCADE,
    position     integer NOT NULL,
    title        text NOT NULL,
    quantity     integer NOT NULL CHECK (quantity > 0),
    price_cents  integer NOT NULL,
    final_sale   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (order_number, position)
);

CREATE TABLE order_shipments (
    order_number    text NOT NULL REFERENCES orders ON DELETE CASCADE,
    position        integer NOT NULL,
    carrier         text NOT NULL,
    tracking_number text NOT NULL,
    tracking_url    text NOT NULL,
    shipped_on      date NOT NULL,
    delivered_on    date,
    PRIMARY KEY (order_number, position)
);

CREATE TABLE order_refunds (
    order_number text NOT NULL REFERENCES orders ON DELETE CASCADE,
    position     integer NOT NULL,
    amount_cents integer NOT NULL,
    method       text NOT NULL,
    requested_on date NOT NULL,
    paid_on      date,
    PRIMARY KEY (order_number, position)
);

-- One return per item of an order: asking again finds the one that is there.
CREATE TABLE order_returns (
    number       text PRIMARY KEY,
    order_number text NOT NULL REFERENCES orders ON DELETE CASCADE,
    item         text NOT NULL,
    reason       text NOT NULL,
    opened_on    date NOT NULL,
    UNIQUE (order_number, item)
);
