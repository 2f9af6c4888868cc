-- How far a return has come: until the carrier has the parcel, the customer may call it off.

ALTER TABLE order_returns ADD COLUMN sent_on date, ADD COLUMN received_on date;
