-- Grants and row-level security. FORCE: the owner of the tables is held to it as well.
SET LOCAL ROLE auditproof_owner;

-- What a reading transaction may see is said by SET LOCAL auditproof.reads: '=tenant', '#log', or '*' for all logs. It is
-- no credential, whoever may become the reader may set it: it makes a mistake in a statement show nothing of another tenant.
-- Their bodies are resolved here and now, whatever search_path they are called with.
CREATE FUNCTION auditproof.reads_all() RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(current_setting('auditproof.reads', true) = '*', false);
CREATE FUNCTION auditproof.reads_log() RETURNS bigint LANGUAGE sql STABLE
  RETURN CASE left(current_setting('auditproof.reads', true), 1)
    WHEN '#' THEN substr(current_setting('auditproof.reads', true), 2)::bigint
    WHEN '=' THEN (SELECT log FROM auditproof.log WHERE tenant = substr(current_setting('auditproof.reads', true), 2))
  END;
REVOKE ALL ON FUNCTION auditproof.reads_all(), auditproof.reads_log() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditproof.reads_all(), auditproof.reads_log() TO auditproof_reader;

DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['store', 'log', 'entry', 'content', 'tile', 'checkpoint', 'erasure', 'feed', 'head', 'posting',
      'carried', 'node', 'leaf_times', 'carrying', 'pending'] LOOP
    EXECUTE format('REVOKE ALL ON auditproof.%I FROM PUBLIC', one);
    EXECUTE format('ALTER TABLE auditproof.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
    EXECUTE format('CREATE POLICY sequencer ON auditproof.%I TO auditproof_sequencer, auditproof_eraser
      USING (true) WITH CHECK (true)', one);
    IF one NOT IN ('store', 'log', 'pending') THEN
      EXECUTE format('CREATE POLICY reader ON auditproof.%I FOR SELECT TO auditproof_reader
        USING (log = (SELECT auditproof.reads_log()) OR (SELECT auditproof.reads_all()))', one);
    END IF;
    IF one <> 'pending' THEN
      EXECUTE format('GRANT SELECT ON auditproof.%I TO auditproof_sequencer, auditproof_eraser, auditproof_reader', one);
      -- Numbers of logs are given by the database: nobody chooses one.
      EXECUTE format('GRANT INSERT %s ON auditproof.%I TO auditproof_sequencer, auditproof_eraser',
        CASE one WHEN 'log' THEN '(tenant, origin, created_at)' ELSE '' END, one);
    END IF;
  END LOOP;
END $$;

CREATE POLICY reader ON auditproof.store FOR SELECT TO auditproof_reader, auditproof_writer USING (true);
GRANT SELECT ON auditproof.store TO auditproof_writer;
CREATE POLICY reader ON auditproof.log FOR SELECT TO auditproof_reader USING (
  CASE left(current_setting('auditproof.reads', true), 1)
    WHEN '*' THEN current_setting('auditproof.reads', true) = '*'
    WHEN '#' THEN log = substr(current_setting('auditproof.reads', true), 2)::bigint
    WHEN '=' THEN tenant = substr(current_setting('auditproof.reads', true), 2)
    ELSE false
  END);

GRANT UPDATE ON auditproof.head, auditproof.posting, auditproof.carried, auditproof.node, auditproof.carrying
  TO auditproof_sequencer, auditproof_eraser;
GRANT DELETE ON auditproof.carrying TO auditproof_sequencer, auditproof_eraser;
GRANT DELETE ON auditproof.content, auditproof.posting, auditproof.carried TO auditproof_eraser;

CREATE POLICY writer ON auditproof.pending FOR INSERT TO auditproof_writer WITH CHECK (true);
GRANT INSERT (tenant, submission) ON auditproof.pending TO auditproof_writer, auditproof_sequencer, auditproof_eraser;
GRANT SELECT, DELETE, UPDATE (tried) ON auditproof.pending TO auditproof_sequencer, auditproof_eraser;
