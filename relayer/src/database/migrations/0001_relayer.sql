-- What the relayer knows. Everything can be read from the chains again or made again, except `transactions` and
-- `attempts`: those are what was signed, and by whom it may be sent.

-- The deployment this database belongs to: one row.
CREATE TABLE equipoise.deployment (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  digest text NOT NULL
);

-- First block of a chain whose packets are not all in `packets` yet.
CREATE TABLE equipoise.cursors (
  eid bigint PRIMARY KEY,
  block bigint NOT NULL
);

-- Why a chain is not worked on.
CREATE TABLE equipoise.stopped_chains (
  chain_id bigint PRIMARY KEY,
  reason text NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE equipoise.proofs (
  circuit text NOT NULL,
  commitment numeric(78, 0) NOT NULL,
  -- coordinates as decimal strings
  proof jsonb NOT NULL,
  witness_ms double precision NOT NULL,
  prove_ms double precision NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (circuit, commitment)
);

-- A packet as one block of its source holds it: after a reorg another payload can wear the same guid.
CREATE TABLE equipoise.packets (
  guid bytea NOT NULL,
  payload_hash bytea NOT NULL,
  block_hash bytea NOT NULL,
  src_eid bigint NOT NULL,
  dst_eid bigint NOT NULL,
  sender bytea NOT NULL,
  nonce numeric(20, 0) NOT NULL,
  block_number bigint NOT NULL,
  -- as the chains were last read
  stage text NOT NULL DEFAULT 'seen',
  read_at timestamptz,
  seen_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (guid, payload_hash, block_hash)
);
CREATE INDEX packets_open ON equipoise.packets (src_eid, block_number) WHERE ended_at IS NULL;

-- One submitter at a time per account of a chain.
CREATE TABLE equipoise.signers (
  chain_id bigint NOT NULL,
  address bytea NOT NULL,
  -- null until the chain has been asked
  next_nonce bigint,
  holder uuid,
  held_until timestamptz,
  PRIMARY KEY (chain_id, address)
);

-- What is to happen at a nonce. Several signed transactions can compete for it; one is mined.
CREATE TABLE equipoise.transactions (
  chain_id bigint NOT NULL,
  signer bytea NOT NULL,
  nonce bigint NOT NULL,
  -- keccak256 of receiver, value and data: the same intent is not written twice while one is open
  intent bytea NOT NULL,
  receiver bytea,
  data bytea NOT NULL,
  value numeric(78, 0) NOT NULL,
  gas bigint NOT NULL,
  -- its call was given up: whatever is signed from then on only uses the nonce up
  filling boolean NOT NULL DEFAULT false,
  -- written, mined, final; filled: its nonce was used up without the call; displaced: by something signed elsewhere
  state text NOT NULL DEFAULT 'written' CHECK (state IN ('written', 'mined', 'final', 'filled', 'displaced')),
  written_at timestamptz NOT NULL DEFAULT now(),
  -- of the attempt in the chain
  mined_hash bytea,
  block_hash bytea,
  block_number bigint,
  PRIMARY KEY (chain_id, signer, nonce)
);
CREATE INDEX transactions_open ON equipoise.transactions (chain_id, signer, nonce) WHERE state IN ('written', 'mined');

-- Signed transactions, written before they are broadcast.
CREATE TABLE equipoise.attempts (
  hash bytea PRIMARY KEY,
  chain_id bigint NOT NULL,
  signer bytea NOT NULL,
  nonce bigint NOT NULL,
  raw bytea NOT NULL,
  max_fee numeric(78, 0) NOT NULL,
  priority_fee numeric(78, 0) NOT NULL,
  fills boolean NOT NULL DEFAULT false,
  written_at timestamptz NOT NULL DEFAULT now(),
  broadcast_at timestamptz,
  FOREIGN KEY (chain_id, signer, nonce) REFERENCES equipoise.transactions (chain_id, signer, nonce)
);
CREATE INDEX attempts_of ON equipoise.attempts (chain_id, signer, nonce);
