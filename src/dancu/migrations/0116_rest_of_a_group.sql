-- Of a group of three, one answer leaves two: they are a doubt of their own.

ALTER TABLE intake.doubt ADD COLUMN rest_of bigint;
COMMENT ON COLUMN intake.doubt.rest_of IS 'the doubt whose answer left these open';
CREATE UNIQUE INDEX doubt_rest ON intake.doubt (rest_of);

-- Masked people: a province is not even told that they are there; the Center is told, and not where.

CREATE OR REPLACE FUNCTION intake.others_of_doubt(wanted bigint)
RETURNS TABLE (person_id bigint, born integer, sex smallint, name_key text, personal_number text, unit_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.person_id, p.born, p.sex, p.name_key, p.personal_number,
           CASE WHEN p.protected THEN '' ELSE coalesce(p.commune_code, p.province_code, p.birth_registration_unit, '') END
      FROM intake.doubt d
      JOIN register.person p ON p.person_id = ANY (d.persons)
     WHERE d.doubt_id = wanted
       AND register.in_scope(d.province_code, NULL, 0)
       AND register.shown(p.province_code, p.commune_code, p.person_id, p.protected) IS NOT TRUE
       AND (NOT p.protected OR current_setting('dancu.scope', true) = 'nation')
$$;
