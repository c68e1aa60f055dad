-- The doors through which auditors read the access log: open under the scope of the nation only.

CREATE FUNCTION audit.may_audit() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT current_setting('dancu.scope', true) = 'nation'
$$;
COMMENT ON FUNCTION audit.may_audit IS 'The rule of the doors below';

CREATE FUNCTION audit.opening(wanted bigint)
RETURNS TABLE (log_id bigint, logged_at timestamptz, operation smallint, outcome smallint, channel smallint,
               request_id uuid, officer_id bigint, office text, role text, purpose text, legal_ground text,
               dossier_id bigint, person_id bigint, persons bigint[], persons_digest bytea, fields integer,
               result_count integer, reason text, actor smallint, salt bytea, commitment bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.request_id, l.officer_id, l.office, l.role,
           l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.persons_digest, l.fields,
           l.result_count, l.reason, l.actor, l.salt, l.commitment
      FROM audit.access_log l
     WHERE l.log_id = wanted AND audit.may_audit()
$$;
COMMENT ON FUNCTION audit.opening IS 'A row with the salt of its commitment: what a proof opens';

CREATE FUNCTION audit.uses_by(wanted_officer bigint, since timestamptz, until timestamptz, most integer)
RETURNS TABLE (log_id bigint, logged_at timestamptz, operation smallint, outcome smallint, channel smallint,
               actor smallint, officer_id bigint, office text, role text, purpose text, legal_ground text,
               dossier_id bigint, person_id bigint, persons bigint[], fields integer, result_count integer,
               reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.actor, l.officer_id, l.office, l.role,
           l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.fields, l.result_count, l.reason
      FROM audit.access_log l
     WHERE l.officer_id = wanted_officer AND l.logged_at >= since AND l.logged_at < until AND audit.may_audit()
     ORDER BY l.logged_at DESC, l.log_id DESC
     LIMIT most
$$;
COMMENT ON FUNCTION audit.uses_by IS 'What an officer did';

CREATE FUNCTION audit.uses_of(wanted_persons bigint[], since timestamptz, until timestamptz, most integer)
RETURNS TABLE (log_id bigint, logged_at timestamptz, operation smallint, outcome smallint, channel smallint,
               actor smallint, officer_id bigint, office text, role text, purpose text, legal_ground text,
               dossier_id bigint, person_id bigint, persons bigint[], fields integer, result_count integer,
               reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.actor, l.officer_id, l.office, l.role,
           l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.fields, l.result_count, l.reason
      FROM ((SELECT one.log_id, one.logged_at, one.operation, one.outcome, one.channel, one.actor, one.officer_id,
                    one.office, one.role, one.purpose, one.legal_ground, one.dossier_id, one.person_id, one.persons,
                    one.fields, one.result_count, one.reason
               FROM audit.access_log one
              WHERE one.person_id = ANY (wanted_persons) AND one.logged_at >= since AND one.logged_at < until
              ORDER BY one.logged_at DESC, one.log_id DESC
              LIMIT most)
            UNION ALL
            (SELECT list.log_id, list.logged_at, list.operation, list.outcome, list.channel, list.actor,
                    list.officer_id, list.office, list.role, list.purpose, list.legal_ground, list.dossier_id,
                    list.person_id, list.persons, list.fields, list.result_count, list.reason
               FROM audit.access_log list
              WHERE list.persons && wanted_persons AND list.person_id IS NULL
                AND list.logged_at >= since AND list.logged_at < until
              ORDER BY list.logged_at DESC, list.log_id DESC
              LIMIT most)) l
     WHERE audit.may_audit()
     ORDER BY l.logged_at DESC, l.log_id DESC
     LIMIT most
$$;
COMMENT ON FUNCTION audit.uses_of IS 'Who looked at persons, by itself or in a list';

CREATE FUNCTION audit.volumes(since timestamptz, until timestamptz)
RETURNS TABLE (officer_id bigint, day date, looks bigint, persons bigint, refused bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.officer_id, (l.logged_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
           count(*) FILTER (WHERE l.outcome = 1), count(DISTINCT l.person_id), count(*) FILTER (WHERE l.outcome = 2)
      FROM audit.access_log l
     WHERE l.logged_at >= since AND l.logged_at < until AND l.officer_id IS NOT NULL
       AND l.operation IN (3, 4, 5, 8) AND audit.may_audit()
     GROUP BY l.officer_id, day
$$;
COMMENT ON FUNCTION audit.volumes IS 'How much each officer looked at on each day of the State';

ALTER FUNCTION audit.opening OWNER TO dancu_verifier;
ALTER FUNCTION audit.uses_by OWNER TO dancu_verifier;
ALTER FUNCTION audit.uses_of OWNER TO dancu_verifier;
ALTER FUNCTION audit.volumes OWNER TO dancu_verifier;
REVOKE EXECUTE ON FUNCTION audit.opening, audit.uses_by, audit.uses_of, audit.volumes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.opening, audit.uses_by, audit.uses_of, audit.volumes TO dancu_app;
