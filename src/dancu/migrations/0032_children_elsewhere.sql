-- Before a birth is recorded: whether such a child is registered already, also where the officer may not look.

CREATE FUNCTION register.born_within(born integer, first integer, last integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT born BETWEEN first AND last
        OR (born % 10000 = 0 AND born BETWEEN first / 10000 * 10000 AND last)
        OR (born % 100 = 0 AND born BETWEEN first / 100 * 100 AND last)
$$;
COMMENT ON FUNCTION register.born_within IS
    'Whether a birth date yyyymmdd, of which parts may be unknown, can lie between two days';

CREATE FUNCTION register.children_elsewhere(
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
       AND register.born_within(of_a_parent.born, first, last)
       AND register.in_scope(of_a_parent.province_code, of_a_parent.commune_code, of_a_parent.person_id) IS NOT TRUE
    UNION
    SELECT namesake.person_id, namesake.birth_registration_unit
      FROM register.person namesake
     WHERE namesake.name_key = wanted_name_key AND namesake.born = wanted_born
       AND namesake.birth_registration_unit = ANY (places)
       AND namesake.status NOT IN (5, 6)
       AND register.in_scope(namesake.province_code, namesake.commune_code, namesake.person_id) IS NOT TRUE
     LIMIT most
$$;
COMMENT ON FUNCTION register.children_elsewhere IS
    'A child is registered once in the nation (Law 60/2014, Article 13): that one exists out of scope, and whom to ask, is told, and nothing else. The caller logs it';
ALTER FUNCTION register.children_elsewhere OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.children_elsewhere FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.children_elsewhere TO dancu_app;
