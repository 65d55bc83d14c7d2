-- The audit store of auditproof in PostgreSQL. The same tables as in SQLite (../../sqlite/schema.sql), where a place in a
-- log is log * 2^33 + index in one number; here it is (log, idx). Every key and every statement carries the log, so that
-- the tables can be distributed by it.
--
-- Text is compared byte by byte (COLLATE "C"), as times and keys are ordered everywhere else.
SET LOCAL ROLE auditproof_owner;

CREATE TABLE auditproof.store (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  name text COLLATE "C" NOT NULL,
  created_at text COLLATE "C" NOT NULL
);

-- Numbers may have gaps: a transaction that made a log and was rolled back leaves one.
CREATE TABLE auditproof.log (
  log bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL UNIQUE,
  origin text COLLATE "C" NOT NULL UNIQUE,
  created_at text COLLATE "C" NOT NULL
);

-- An entry is ASCII by its closed vocabularies, so text holds its bytes as they are.
CREATE TABLE auditproof.entry (
  log bigint NOT NULL,
  idx bigint NOT NULL CHECK (idx >= 0),
  month date NOT NULL, -- of recordedAt: where its content lies
  id text COLLATE "C" NOT NULL,
  leaf_hash bytea NOT NULL,
  entry text COLLATE "C" NOT NULL,
  PRIMARY KEY (log, idx),
  UNIQUE (log, id)
);

-- What can be erased: the disclosures, joined by "~", and what lists show of them. By month, so that retention drops a
-- partition; a unique index must contain the month then, and uniqueness is kept by entry.
CREATE TABLE auditproof.content (
  month date NOT NULL,
  log bigint NOT NULL,
  idx bigint NOT NULL,
  occurred_at text COLLATE "C",
  recorded_at text COLLATE "C",
  action text COLLATE "C",
  outcome text COLLATE "C",
  severity text COLLATE "C",
  actor text COLLATE "C",
  actor_name text COLLATE "C",
  target text COLLATE "C",
  target_name text COLLATE "C",
  disclosures text COLLATE "C" NOT NULL,
  PRIMARY KEY (log, idx, month)
) PARTITION BY RANGE (month);

-- Full tiles only; partial ones are computed from what lies below them.
CREATE TABLE auditproof.tile (
  log bigint NOT NULL,
  level int NOT NULL,
  n bigint NOT NULL,
  hashes bytea NOT NULL,
  root bytea NOT NULL,
  PRIMARY KEY (log, level, n)
);

CREATE TABLE auditproof.checkpoint (
  log bigint NOT NULL,
  size bigint NOT NULL,
  prev_size bigint NOT NULL CHECK (prev_size < size),
  note text COLLATE "C" NOT NULL,
  created_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (log, size),
  UNIQUE (log, prev_size)
);

CREATE TABLE auditproof.erasure (
  log bigint NOT NULL,
  idx bigint NOT NULL,
  disclosure_group text COLLATE "C" NOT NULL,
  by_idx bigint NOT NULL,
  PRIMARY KEY (log, idx, disclosure_group)
);

-- Positions are dense: whoever writes here holds the lock of the feed to the end of the transaction.
CREATE TABLE auditproof.feed (
  position bigint PRIMARY KEY,
  log bigint NOT NULL,
  from_idx bigint NOT NULL,
  to_idx bigint NOT NULL
);

CREATE TABLE auditproof.head (
  log bigint PRIMARY KEY,
  size bigint NOT NULL,
  root bytea NOT NULL,
  recorded_at text COLLATE "C" NOT NULL,
  note_size bigint NOT NULL DEFAULT 0,
  note text COLLATE "C",
  meta_size bigint NOT NULL DEFAULT 0,
  indexed bigint NOT NULL DEFAULT 0 -- entries whose words and changed fields are in the search index
) WITH (fillfactor = 50);
CREATE INDEX head_unpublished ON auditproof.head (log) WHERE size > note_size;
CREATE INDEX head_outside_meta ON auditproof.head (log) WHERE note_size > meta_size;
CREATE INDEX head_unindexed ON auditproof.head (log) WHERE size > indexed;

-- The search index: a tree over the indexes of each log. A leaf holds 4,096 of them, a node above holds 32 of the level
-- below, and in each stands one row a key.
CREATE TABLE auditproof.posting (
  log bigint NOT NULL,
  leaf bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  offsets text COLLATE "C" NOT NULL, -- store/offsets.ts
  PRIMARY KEY (log, leaf, key)
) WITH (fillfactor = 80);

CREATE TABLE auditproof.carried (
  log bigint NOT NULL,
  level int NOT NULL,
  n bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  children bigint NOT NULL, -- bit i: the i-th node below has the key
  PRIMARY KEY (log, level, n, key)
);

-- The range of occurredAt in a node, microseconds since 1970; top: it lies under no node yet.
CREATE TABLE auditproof.node (
  log bigint NOT NULL,
  level int NOT NULL,
  n bigint NOT NULL,
  earliest double precision NOT NULL,
  latest double precision NOT NULL,
  top boolean NOT NULL DEFAULT true,
  PRIMARY KEY (log, level, n)
);
CREATE INDEX node_top ON auditproof.node (log) WHERE top;
-- Both ends in each: over all tenants most nodes are passed over by their range alone.
CREATE INDEX node_latest ON auditproof.node (latest, earliest, log, level, n) WHERE top;
CREATE INDEX node_earliest ON auditproof.node (earliest, latest, log, level, n) WHERE top;

-- occurredAt of each entry of a full leaf: 4,096 doubles, microseconds since 1970, little-endian.
CREATE TABLE auditproof.leaf_times (
  log bigint NOT NULL,
  leaf bigint NOT NULL,
  times bytea NOT NULL,
  PRIMARY KEY (log, leaf)
);
ALTER TABLE auditproof.leaf_times ALTER times SET STORAGE EXTERNAL;

-- The node that is being made of those below it, and how far it is.
CREATE TABLE auditproof.carrying (
  log bigint PRIMARY KEY,
  level int NOT NULL,
  n bigint NOT NULL,
  after_key text COLLATE "C" NOT NULL
);

-- What applications leave inside their own transactions: one row an event, no lock, nothing shared.
CREATE TABLE auditproof.pending (
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  submission text COLLATE "C" NOT NULL,
  tried int NOT NULL DEFAULT 0 -- how often it was rejected; such rows come after the others
);
CREATE INDEX pending_order ON auditproof.pending (tried, n);
