-- Who may do what. None of these can log in: an application's login is granted those that it needs.
--   auditproof_owner      owns the tables; migrations only
--   auditproof_writer     leaves events in pending, inside the application's transactions
--   auditproof_sequencer  appends to logs, publishes, builds the search index
--   auditproof_reader     reads, one tenant at a time
--   auditproof_eraser     a sequencer that may erase content as well
-- Roles belong to the whole server: another database's migration may make them at the same moment.
DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['owner', 'writer', 'sequencer', 'reader', 'eraser'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditproof_' || one) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', 'auditproof_' || one);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
  -- From PostgreSQL 16 on, whoever makes a role may grant it, and may not yet become it.
  IF NOT pg_has_role(current_user, 'auditproof_owner',
      CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    EXECUTE format('GRANT auditproof_owner TO %I', current_user);
  END IF;
END $$;

-- The owner is given the schema and nothing of the database around it.
CREATE SCHEMA IF NOT EXISTS auditproof AUTHORIZATION auditproof_owner;
SET LOCAL ROLE auditproof_owner;
REVOKE ALL ON SCHEMA auditproof FROM PUBLIC;
GRANT USAGE ON SCHEMA auditproof TO auditproof_writer, auditproof_sequencer, auditproof_reader, auditproof_eraser;
