-- The audit store of auditproof in SQLite, format 2.
-- Triggers are a guard-rail against accidents and ordinary access; the log is the proof.
--
-- position = log * 2^33 + index: one integer key puts the entries of a log side by side, in order, without a second
-- index. It allows 2^20 logs of 2^33 entries.

CREATE TABLE store (
  name TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE log (
  log INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE entry (
  position INTEGER PRIMARY KEY,
  log INTEGER GENERATED ALWAYS AS (position >> 33) VIRTUAL,
  idx INTEGER GENERATED ALWAYS AS (position & 8589934591) VIRTUAL,
  id TEXT NOT NULL,
  entry BLOB NOT NULL,
  leaf_hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_id ON entry (log, id);

-- What can be erased: the disclosures, joined by "~", and what lists show of them. The wide column comes last,
-- so that a list does not read it.
CREATE TABLE content (
  position INTEGER PRIMARY KEY,
  log INTEGER GENERATED ALWAYS AS (position >> 33) VIRTUAL,
  idx INTEGER GENERATED ALWAYS AS (position & 8589934591) VIRTUAL,
  occurred_at TEXT,
  recorded_at TEXT,
  action TEXT,
  outcome TEXT,
  severity TEXT,
  actor TEXT,
  actor_name TEXT,
  target TEXT,
  target_name TEXT,
  disclosures TEXT NOT NULL
) STRICT;

-- Full tiles only; partial ones are computed from what lies below them.
CREATE TABLE tile (
  log INTEGER NOT NULL,
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  root BLOB NOT NULL,
  PRIMARY KEY (log, level, n)
) STRICT;

CREATE TABLE checkpoint (
  log INTEGER NOT NULL,
  size INTEGER NOT NULL,
  prev_size INTEGER NOT NULL,
  note TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (log, size),
  UNIQUE (log, prev_size)
) STRICT;

CREATE TABLE erasure (
  log INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  disclosure_group TEXT NOT NULL,
  by_idx INTEGER NOT NULL,
  PRIMARY KEY (log, idx, disclosure_group)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
  position INTEGER PRIMARY KEY,
  log INTEGER NOT NULL,
  from_idx INTEGER NOT NULL,
  to_idx INTEGER NOT NULL
) STRICT;

CREATE TABLE head (
  log INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  recorded_at TEXT NOT NULL,
  note_size INTEGER NOT NULL DEFAULT 0,
  note TEXT,
  meta_size INTEGER NOT NULL DEFAULT 0,
  indexed INTEGER NOT NULL DEFAULT 0 -- entries whose words and changed fields are in the search index
) STRICT;
CREATE INDEX head_unpublished ON head (log) WHERE size > note_size;
CREATE INDEX head_outside_meta ON head (log) WHERE note_size > meta_size;

CREATE INDEX head_unindexed ON head (log) WHERE size > indexed;

-- The search index: a tree over the indexes of each log. A leaf holds 4,096 of them, a node above holds 32 of the level
-- below, and in each stands one row a key. A search goes down only where all its keys are, so that what it costs does not
-- depend on how much there is. Leaves are written with their entries, the levels above behind the log.
CREATE TABLE posting (
  log INTEGER NOT NULL,
  leaf INTEGER NOT NULL,
  key TEXT NOT NULL,
  offsets TEXT NOT NULL, -- store/offsets.ts
  PRIMARY KEY (log, leaf, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE carried (
  log INTEGER NOT NULL,
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  key TEXT NOT NULL,
  children INTEGER NOT NULL, -- bit i: the i-th node below has the key
  PRIMARY KEY (log, level, n, key)
) STRICT, WITHOUT ROWID;

-- The range of occurredAt in a node, microseconds since 1970; top: it lies under no node yet.
CREATE TABLE node (
  log INTEGER NOT NULL,
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  earliest REAL NOT NULL,
  latest REAL NOT NULL,
  top INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (log, level, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_top ON node (log) WHERE top = 1;
-- Both ends in each: over all tenants most nodes are passed over by their range alone.
CREATE INDEX node_latest ON node (latest, earliest) WHERE top = 1;
CREATE INDEX node_earliest ON node (earliest, latest) WHERE top = 1;

-- occurredAt of each entry of a full leaf: 4,096 doubles, microseconds since 1970.
CREATE TABLE leaf_times (
  position INTEGER PRIMARY KEY, -- of its first entry
  times BLOB NOT NULL
) STRICT;

-- The node that is being made of those below it, and how far it is.
CREATE TABLE carrying (
  log INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  after_key TEXT NOT NULL
) STRICT;

CREATE TABLE pending (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  submission TEXT NOT NULL,
  tried INTEGER NOT NULL DEFAULT 0 -- how often it was rejected; such rows come after the others
) STRICT;

CREATE TRIGGER store_no_update BEFORE UPDATE ON store BEGIN SELECT RAISE(ABORT, 'store is append-only'); END;
CREATE TRIGGER store_no_delete BEFORE DELETE ON store BEGIN SELECT RAISE(ABORT, 'store is append-only'); END;
CREATE TRIGGER store_guard BEFORE INSERT ON store WHEN EXISTS (SELECT 1 FROM store)
BEGIN SELECT RAISE(ABORT, 'store has its one row'); END;

CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
CREATE TRIGGER log_guard BEFORE INSERT ON log
WHEN NEW.log IS NOT (SELECT coalesce(max(log), 0) + 1 FROM log)
  OR EXISTS (SELECT 1 FROM log WHERE tenant = NEW.tenant) OR EXISTS (SELECT 1 FROM log WHERE origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'log takes only the next log'); END;

-- The guards on INSERT stop REPLACE and back-dating whatever the recursive_triggers of a connection say.
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER entry_guard BEFORE INSERT ON entry
WHEN NEW.position IS NOT (
    SELECT coalesce(max(position) + 1, NEW.position >> 33 << 33) FROM entry
    WHERE position >= NEW.position >> 33 << 33 AND position < (NEW.position >> 33) + 1 << 33)
  OR EXISTS (SELECT 1 FROM entry WHERE log = NEW.position >> 33 AND id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'entry takes only the next index of a log, and each id once'); END;

CREATE TRIGGER content_no_update BEFORE UPDATE ON content BEGIN SELECT RAISE(ABORT, 'content is append-only'); END;
CREATE TRIGGER content_no_delete BEFORE DELETE ON content
WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE log = OLD.position >> 33 AND idx = (OLD.position & 8589934591))
BEGIN SELECT RAISE(ABORT, 'content goes only with a recorded erasure'); END;
CREATE TRIGGER content_guard BEFORE INSERT ON content
WHEN EXISTS (SELECT 1 FROM content WHERE position = NEW.position)
  OR NOT EXISTS (SELECT 1 FROM entry WHERE position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'content belongs to one entry'); END;

CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile BEGIN SELECT RAISE(ABORT, 'tile is append-only'); END;
CREATE TRIGGER tile_no_delete BEFORE DELETE ON tile BEGIN SELECT RAISE(ABORT, 'tile is append-only'); END;
CREATE TRIGGER tile_guard BEFORE INSERT ON tile
WHEN NEW.n IS NOT (SELECT coalesce(max(n) + 1, 0) FROM tile WHERE log = NEW.log AND level = NEW.level)
BEGIN SELECT RAISE(ABORT, 'tile takes only the next tile'); END;

CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_guard BEFORE INSERT ON checkpoint
WHEN NEW.prev_size IS NOT (SELECT coalesce(max(size), 0) FROM checkpoint WHERE log = NEW.log) OR NEW.size <= NEW.prev_size
BEGIN SELECT RAISE(ABORT, 'checkpoint takes only the next checkpoint'); END;

CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;
CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;
CREATE TRIGGER erasure_guard BEFORE INSERT ON erasure
WHEN EXISTS (SELECT 1 FROM erasure
    WHERE log = NEW.log AND idx = NEW.idx AND disclosure_group = NEW.disclosure_group)
  OR NOT EXISTS (SELECT 1 FROM entry WHERE position = (NEW.log << 33) + NEW.by_idx)
BEGIN SELECT RAISE(ABORT, 'erasure names an event of the log, once'); END;

CREATE TRIGGER feed_no_update BEFORE UPDATE ON feed BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;
CREATE TRIGGER feed_no_delete BEFORE DELETE ON feed BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;
CREATE TRIGGER feed_guard BEFORE INSERT ON feed
WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM feed)
BEGIN SELECT RAISE(ABORT, 'feed takes only the next position'); END;

-- Leaves grow; what is in them goes only with a recorded erasure.
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting
WHEN (NEW.log, NEW.leaf, NEW.key) IS NOT (OLD.log, OLD.leaf, OLD.key)
  OR (octet_length(NEW.offsets) < octet_length(OLD.offsets) AND NOT EXISTS (
    SELECT 1 FROM erasure WHERE log = OLD.log AND idx >= OLD.leaf * 4096 AND idx < (OLD.leaf + 1) * 4096))
BEGIN SELECT RAISE(ABORT, 'posting only grows'); END;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting
WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE log = OLD.log AND idx >= OLD.leaf * 4096 AND idx < (OLD.leaf + 1) * 4096)
BEGIN SELECT RAISE(ABORT, 'a posting goes only with a recorded erasure'); END;
