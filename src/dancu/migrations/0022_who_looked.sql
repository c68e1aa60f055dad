-- The doors through which the access log is read: the log itself is closed to the application.

CREATE FUNCTION audit.looks_at(wanted_person bigint, most integer)
RETURNS TABLE (logged_at timestamptz, officer_id bigint, office text, role text, purpose text, operation smallint,
               outcome smallint, dossier_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.logged_at, l.officer_id, l.office, l.role, l.purpose, l.operation, l.outcome, l.dossier_id
      FROM ((SELECT one.logged_at, one.officer_id, one.office, one.role, one.purpose, one.operation, one.outcome,
                    one.dossier_id
               FROM audit.access_log one
              WHERE one.person_id = wanted_person
              ORDER BY one.logged_at DESC
              LIMIT most)
            UNION ALL
            (SELECT list.logged_at, list.officer_id, list.office, list.role, list.purpose, list.operation,
                    list.outcome, list.dossier_id
               FROM audit.access_log list
              WHERE list.persons @> ARRAY[wanted_person] AND list.person_id IS NULL
              ORDER BY list.logged_at DESC
              LIMIT most)) l
     WHERE EXISTS (SELECT FROM register.person p
                    WHERE p.person_id = wanted_person
                      AND register.in_scope(p.province_code, p.commune_code, p.person_id))
     ORDER BY l.logged_at DESC
     LIMIT most
$$;
COMMENT ON FUNCTION audit.looks_at IS 'Who looked at a person whom the caller may see, by itself or in a list';

CREATE FUNCTION audit.looks_by(wanted_officer bigint, since timestamptz, most integer)
RETURNS TABLE (logged_at timestamptz, person_id bigint, office text, role text, purpose text, operation smallint,
               outcome smallint, dossier_id bigint, result_count integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.logged_at, l.person_id, l.office, l.role, l.purpose, l.operation, l.outcome, l.dossier_id, l.result_count
      FROM audit.access_log l
     WHERE l.officer_id = wanted_officer AND l.logged_at >= since
       AND current_setting('dancu.scope', true) = 'nation'
     ORDER BY l.logged_at DESC
     LIMIT most
$$;
COMMENT ON FUNCTION audit.looks_by IS 'What an officer did; told to those only whose scope is the nation: auditors';

CREATE FUNCTION audit.refusals(wanted_officer bigint, wanted_operation smallint, since timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM audit.access_log l
     WHERE l.officer_id = wanted_officer AND l.logged_at >= since AND l.operation = wanted_operation AND l.outcome = 2
$$;
COMMENT ON FUNCTION audit.refusals IS 'How often an officer was refused: guessing has its limit';

ALTER FUNCTION audit.looks_at OWNER TO dancu_verifier;
ALTER FUNCTION audit.looks_by OWNER TO dancu_verifier;
ALTER FUNCTION audit.refusals OWNER TO dancu_verifier;
REVOKE EXECUTE ON FUNCTION audit.looks_at, audit.looks_by, audit.refusals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.looks_at, audit.looks_by, audit.refusals TO dancu_app;
