-- The worker loads what came through the desk, and carries out what clerks decide: as the role that loads.
DO $$
BEGIN
    IF NOT pg_has_role('dancu_worker', 'dancu_loader', 'MEMBER') THEN
        GRANT dancu_loader TO dancu_worker WITH INHERIT FALSE, SET TRUE;
    END IF;
END
$$;
