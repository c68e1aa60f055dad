-- Who signs in to the database: each process as itself, and never as the owner of the tables.
--   dancu_web     the web: may become dancu_app
--   dancu_worker  `dancu work`: may become dancu_app, dancu_sequencer, dancu_counter, dancu_sealer
-- By themselves they may do nothing (INHERIT FALSE). They have no password: the embedded server knows its callers by
-- their account; on a server of one's own, the operator gives them one.
DO $$
DECLARE
    login text;
    part text;
    parts jsonb := '{"dancu_web": ["dancu_app"],
                     "dancu_worker": ["dancu_app", "dancu_sequencer", "dancu_counter", "dancu_sealer"]}';
BEGIN
    FOR login IN SELECT jsonb_object_keys(parts) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', login);
            FOR part IN SELECT jsonb_array_elements_text(parts -> login) LOOP
                EXECUTE format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE', part, login);
            END LOOP;
        END IF;
    END LOOP;
END
$$;
