-- An auditor who inspects the use of a masked record names it by number and gives a reason; the notice goes to the
-- office that protects, as for anybody else. Inspection has no dossier.

ALTER TABLE access.opening ALTER COLUMN dossier_id DROP NOT NULL;
COMMENT ON COLUMN access.opening.dossier_id IS 'the case on which it was opened; NULL: an inspection of the log';

CREATE FUNCTION register.masked_holder(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.person_id
      FROM register.identifier i
      JOIN register.person p ON p.person_id = register.survivor_of(i.person_id)
     WHERE i.value = wanted AND p.protected AND audit.may_audit()
     LIMIT 1
$$;
COMMENT ON FUNCTION register.masked_holder IS
    'The masked record that has or had a number: for an inspection with a reason; nothing unless the scope is the nation';
ALTER FUNCTION register.masked_holder OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.masked_holder FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.masked_holder TO dancu_app;

-- Auditors, and offices that read who opened what they protect, name a dossier by its number and see nothing of it.

CREATE FUNCTION dossiers.numbers_of(wanted bigint[]) RETURNS TABLE (dossier_id bigint, number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.dossier_id, d.number
      FROM dossiers.dossier d
     WHERE d.dossier_id = ANY (wanted)
       AND (audit.may_audit() OR EXISTS (SELECT FROM access.opening o
                                          WHERE o.dossier_id = d.dossier_id
                                            AND dossiers.of_own_office(o.notified_office_id)))
$$;
COMMENT ON FUNCTION dossiers.numbers_of IS 'The numbers of dossiers, for those who read what was done on them';
ALTER FUNCTION dossiers.numbers_of OWNER TO dancu_verifier;
REVOKE EXECUTE ON FUNCTION dossiers.numbers_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dossiers.numbers_of TO dancu_app;
