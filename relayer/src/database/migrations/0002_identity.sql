-- A deployment goes by what the addresses of its contracts depend on: its record gets more chains, mandates and clearing, and can be
-- made anew. The digest says only whether it is the record that was read last. Whose a database is, the next process says.
DELETE FROM equipoise.deployment;
ALTER TABLE equipoise.deployment ADD COLUMN identity text NOT NULL;
