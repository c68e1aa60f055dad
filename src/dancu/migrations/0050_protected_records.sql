-- Protected persons: adopted, of changed sex, witnesses, threatened people.
-- Their records are masked also in their own territory and for the nation's office.
--
-- dancu.unmasked: ids of masked persons whom a transaction opened with a reason, separated by commas

ALTER TABLE register.person ADD COLUMN protected boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN register.person.protected IS 'masked: neither territory nor a dossier alone shows the record';

CREATE FUNCTION register.unmasked(person bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT person = ANY (string_to_array(nullif(current_setting('dancu.unmasked', true), ''), ',')::bigint[])
$$;
COMMENT ON FUNCTION register.unmasked IS 'Whether the transaction opened this person with a reason; a missing setting is nobody';

CREATE FUNCTION register.shown(province text, commune text, person bigint, masked boolean) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (register.in_scope(province, commune, person) AND NOT masked) OR register.unmasked(person)
$$;
COMMENT ON FUNCTION register.shown IS 'The whole rule of access to a person: territory or dossier, unless masked';

ALTER POLICY person_scope ON register.person
    USING (register.shown(province_code, commune_code, person_id, protected));

DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['event', 'identifier', 'residence', 'membership', 'former_name'] LOOP
        EXECUTE format(
            'ALTER POLICY %I ON register.%I USING ((SELECT register.shown(p.province_code, p.commune_code,'
            ' p.person_id, p.protected) FROM register.person p WHERE p.person_id = %I.person_id))',
            part || '_scope', part, part
        );
    END LOOP;
END
$$;

-- The few functions that look wider than the scope must not tell what the policy hides. -----------------------------

CREATE FUNCTION register.is_masked(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM register.person p
                    WHERE p.person_id = wanted AND p.protected
                      AND p.person_id = ANY (string_to_array(nullif(current_setting('dancu.opened', true), ''), ',')::bigint[]))
$$;
COMMENT ON FUNCTION register.is_masked IS
    'Tells who works on a dossier that a person whom it names is masked: a reason opens the record. In any other case: no';
ALTER FUNCTION register.is_masked OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.is_masked FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.is_masked TO dancu_app;

CREATE OR REPLACE FUNCTION register.name_words(percent real) RETURNS TABLE (word text, frequency bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT w.word, count(*)
      FROM register.person p TABLESAMPLE SYSTEM (percent), unnest(string_to_array(p.name_key, ' ')) AS w (word)
     WHERE NOT p.protected
     GROUP BY w.word
    HAVING count(*) >= 2 OR percent >= 100
$$;

CREATE OR REPLACE FUNCTION register.children_elsewhere(
    wanted_mother bigint, wanted_father bigint, first integer, last integer,
    wanted_name_key text, wanted_born integer, places text[], most integer
) RETURNS TABLE (person_id bigint, unit_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT of_a_parent.person_id,
           coalesce(of_a_parent.birth_registration_unit, of_a_parent.commune_code, of_a_parent.province_code, '')
      FROM register.person of_a_parent
     WHERE (of_a_parent.mother_id = wanted_mother
            OR (of_a_parent.father_id = wanted_father
                AND coalesce(of_a_parent.mother_id, wanted_mother, 0)
                    = coalesce(wanted_mother, of_a_parent.mother_id, 0)))
       AND of_a_parent.status NOT IN (5, 6)
       AND NOT of_a_parent.protected
       AND register.born_within(of_a_parent.born, first, last)
       AND register.in_scope(of_a_parent.province_code, of_a_parent.commune_code, of_a_parent.person_id) IS NOT TRUE
    UNION
    SELECT namesake.person_id, namesake.birth_registration_unit
      FROM register.person namesake
     WHERE namesake.name_key = wanted_name_key AND namesake.born = wanted_born
       AND namesake.birth_registration_unit = ANY (places)
       AND namesake.status NOT IN (5, 6)
       AND NOT namesake.protected
       AND register.in_scope(namesake.province_code, namesake.commune_code, namesake.person_id) IS NOT TRUE
     LIMIT most
$$;

CREATE OR REPLACE FUNCTION audit.looks_at(wanted_person bigint, most integer)
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
                      AND register.shown(p.province_code, p.commune_code, p.person_id, p.protected))
     ORDER BY l.logged_at DESC
     LIMIT most
$$;

-- Every opening with its reason, and the notice of it for the office that protects. ---------------------------------

CREATE TABLE access.opening (
    opening_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    officer_id bigint NOT NULL,
    office_id bigint NOT NULL,
    dossier_id bigint NOT NULL,
    notified_office_id bigint,
    seen_by bigint,
    opened_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    seen_at timestamptz,
    ground smallint NOT NULL,
    reason text NOT NULL,
    CONSTRAINT opening_has_a_reason CHECK (length(reason) >= 10),
    CONSTRAINT opening_seen_by_somebody CHECK ((seen_at IS NULL) = (seen_by IS NULL))
);
COMMENT ON TABLE access.opening IS 'Who opened a masked record, why and until when: the notice for the head of the office that protects';
COMMENT ON COLUMN access.opening.notified_office_id IS 'the office whose act protects the record; NULL: that office is gone, the Center sees it';
COMMENT ON COLUMN access.opening.ground IS 'dancu.kernel.codes.ProtectionGround';
CREATE INDEX opening_of_officer ON access.opening (officer_id, dossier_id, closes_at);
CREATE INDEX opening_notified ON access.opening (notified_office_id, opened_at);

ALTER TABLE access.opening ENABLE ROW LEVEL SECURITY;
CREATE POLICY opening_of_offices ON access.opening TO dancu_app USING (
    dossiers.of_own_office(office_id) OR dossiers.of_own_office(notified_office_id)
    OR (notified_office_id IS NULL AND current_setting('dancu.scope', true) = 'nation')
);
GRANT SELECT, INSERT ON access.opening TO dancu_app;
GRANT UPDATE (seen_at, seen_by) ON access.opening TO dancu_app;
GRANT SELECT ON access.opening TO dancu_verifier;
