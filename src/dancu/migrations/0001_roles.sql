-- Roles of the platform. Tables belong to the role that migrates; nobody else may change their shape.
--   dancu_app       the web and command processes: bound by row-level security
--   dancu_loader    bulk loading: passes row-level security, since COPY refuses to work under it
--   dancu_verifier  reads everything and writes nothing: `dancu verify`, backups
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['dancu_app', 'dancu_loader', 'dancu_verifier'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE dancu_loader BYPASSRLS;
ALTER ROLE dancu_verifier BYPASSRLS;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
