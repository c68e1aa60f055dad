-- Who an officer is in the register: looks at oneself, at relatives and neighbours are told to auditors.
ALTER TABLE access.officer ADD COLUMN person_id bigint;
COMMENT ON COLUMN access.officer.person_id IS 'record of the officer in the register; NULL: not told yet';

-- One door for one officer and for many, in place of one call for each.
DROP FUNCTION audit.uses_by(bigint, timestamptz, timestamptz, integer);

CREATE FUNCTION audit.uses_by(wanted_officers bigint[], since timestamptz, until timestamptz, most integer)
RETURNS TABLE (log_id bigint, logged_at timestamptz, operation smallint, outcome smallint, channel smallint,
               actor smallint, officer_id bigint, office text, role text, purpose text, legal_ground text,
               dossier_id bigint, person_id bigint, persons bigint[], fields integer, result_count integer,
               reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.actor, l.officer_id, l.office, l.role,
           l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.fields, l.result_count, l.reason
      FROM audit.access_log l
     WHERE l.officer_id = ANY (wanted_officers) AND l.logged_at >= since AND l.logged_at < until AND audit.may_audit()
     ORDER BY l.logged_at DESC, l.log_id DESC
     LIMIT most
$$;
COMMENT ON FUNCTION audit.uses_by IS 'What officers did';
ALTER FUNCTION audit.uses_by OWNER TO dancu_verifier;
REVOKE EXECUTE ON FUNCTION audit.uses_by FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.uses_by TO dancu_app;
