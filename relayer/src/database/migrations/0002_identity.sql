-- A deployment goes by what the addresses of its contracts depend on: its record gets more chains, mandates and clearing, and can be
-- made anew. Whose a database is, the next relayer says.
DELETE FROM equipoise.deployment;
ALTER TABLE equipoise.deployment DROP COLUMN digest, ADD COLUMN identity text NOT NULL;

-- Blocks were looked at for the packets of the senders that one record names: another one's relayer begins anew.
DELETE FROM equipoise.cursors;
ALTER TABLE equipoise.cursors
  ADD COLUMN record text NOT NULL,
  DROP CONSTRAINT cursors_pkey,
  ADD PRIMARY KEY (eid, record);
