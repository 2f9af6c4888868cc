-- Pictures: what an item looks like, and the carrier's photo of a parcel where it was left.

ALTER TABLE order_items ADD COLUMN photo_url text;
ALTER TABLE order_shipments ADD COLUMN proof_url text;
