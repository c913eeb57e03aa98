-- Since when a packet needs nothing but a transaction that anybody may send: its executor is given a while to send it. Null while it
-- is not there.
ALTER TABLE equipoise.packets ADD COLUMN ready_at timestamptz;
