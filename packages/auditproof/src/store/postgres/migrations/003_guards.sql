-- Append-only by trigger, for everybody, replicas and the owner too. A guard-rail against accidents and ordinary access;
-- the log is the proof.
SET LOCAL ROLE auditproof_owner;

CREATE FUNCTION auditproof.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- Content and postings go only with a recorded erasure.
CREATE FUNCTION auditproof.refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_ARGV[0] = 'content' THEN
    IF EXISTS (SELECT FROM auditproof.erasure WHERE log = OLD.log AND idx = OLD.idx) THEN RETURN OLD; END IF;
  ELSIF EXISTS (SELECT FROM auditproof.erasure
      WHERE log = OLD.log AND idx >= OLD.leaf * 4096 AND idx < (OLD.leaf + 1) * 4096) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NEW.log = OLD.log AND NEW.leaf = OLD.leaf AND NEW.key = OLD.key THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '% goes only with a recorded erasure', TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['store', 'log', 'entry', 'tile', 'checkpoint', 'erasure', 'feed'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON auditproof.%I
      FOR EACH ROW EXECUTE FUNCTION auditproof.refuse()', one);
    EXECUTE format('ALTER TABLE auditproof.%I ENABLE ALWAYS TRIGGER append_only', one);
  END LOOP;
  FOREACH one IN ARRAY ARRAY['store', 'log', 'entry', 'content', 'tile', 'checkpoint', 'erasure', 'feed', 'head', 'posting',
      'carried', 'node', 'leaf_times', 'carrying', 'pending'] LOOP
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON auditproof.%I
      FOR EACH STATEMENT EXECUTE FUNCTION auditproof.refuse()', one);
    EXECUTE format('ALTER TABLE auditproof.%I ENABLE ALWAYS TRIGGER no_truncate', one);
  END LOOP;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE ON auditproof.content FOR EACH ROW EXECUTE FUNCTION auditproof.refuse();
CREATE TRIGGER only_erased BEFORE DELETE ON auditproof.content
  FOR EACH ROW EXECUTE FUNCTION auditproof.refuse_unless_erased('content');
ALTER TABLE auditproof.content ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE auditproof.content ENABLE ALWAYS TRIGGER only_erased;

-- A leaf grows; it is looked at more closely only where it does not.
CREATE TRIGGER only_grows BEFORE UPDATE ON auditproof.posting FOR EACH ROW
  WHEN ((NEW.log, NEW.leaf, NEW.key) IS DISTINCT FROM (OLD.log, OLD.leaf, OLD.key)
    OR octet_length(NEW.offsets) < octet_length(OLD.offsets))
  EXECUTE FUNCTION auditproof.refuse_unless_erased('posting');
CREATE TRIGGER only_erased BEFORE DELETE ON auditproof.posting
  FOR EACH ROW EXECUTE FUNCTION auditproof.refuse_unless_erased('posting');
ALTER TABLE auditproof.posting ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE auditproof.posting ENABLE ALWAYS TRIGGER only_erased;

-- A log's head only moves forward.
CREATE TRIGGER only_forward BEFORE UPDATE ON auditproof.head FOR EACH ROW
  WHEN (NEW.log <> OLD.log OR NEW.size < OLD.size OR NEW.note_size < OLD.note_size OR NEW.meta_size < OLD.meta_size)
  EXECUTE FUNCTION auditproof.refuse();
CREATE TRIGGER no_delete BEFORE DELETE ON auditproof.head FOR EACH ROW EXECUTE FUNCTION auditproof.refuse();
ALTER TABLE auditproof.head ENABLE ALWAYS TRIGGER only_forward;
ALTER TABLE auditproof.head ENABLE ALWAYS TRIGGER no_delete;
