-- Partitions of content, a month each. What falls into none goes to content_default, which should stay empty.
SET LOCAL ROLE auditproof_owner;

-- Makes a partition as guarded as the others: a TRUNCATE trigger is not inherited.
CREATE FUNCTION auditproof.guard_partition(partition text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON auditproof.%I
    FOR EACH STATEMENT EXECUTE FUNCTION auditproof.refuse()', partition);
  EXECUTE format('ALTER TABLE auditproof.%I ENABLE ALWAYS TRIGGER no_truncate, ENABLE ALWAYS TRIGGER append_only,
    ENABLE ALWAYS TRIGGER only_erased, ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition);
END $$;
REVOKE ALL ON FUNCTION auditproof.guard_partition(text) FROM PUBLIC;

CREATE TABLE auditproof.content_default PARTITION OF auditproof.content DEFAULT;
SELECT auditproof.guard_partition('content_default');

-- Makes the months from this one up to so many ahead that are not there yet. Runs as the owner, for whoever appends.
-- Returns those it could not make because content_default holds rows of them already.
CREATE FUNCTION auditproof.make_months(ahead int) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first date;
  name text;
BEGIN
  IF ahead NOT BETWEEN 0 AND 120 THEN
    RAISE EXCEPTION 'ahead is %: 0 to 120 months', ahead;
  END IF;
  -- One at a time; the lock is let go at the end of the transaction.
  PERFORM pg_advisory_xact_lock(hashtext('auditproof.make_months'), 0);
  FOR first IN SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date
      FROM generate_series(-1, ahead) AS i LOOP
    name := 'content_' || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass('auditproof.' || name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE auditproof.%I PARTITION OF auditproof.content FOR VALUES FROM (%L) TO (%L)',
        name, first, (first + interval '1 month')::date);
      PERFORM auditproof.guard_partition(name);
    EXCEPTION WHEN check_violation THEN
      RETURN NEXT first;
    END;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION auditproof.make_months(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditproof.make_months(int) TO auditproof_sequencer, auditproof_eraser;
SELECT auditproof.make_months(3);
