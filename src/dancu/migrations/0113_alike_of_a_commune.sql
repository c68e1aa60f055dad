-- A slip in the given name hides a person from the keys of names: born on the day, in the commune, finds him or her.
-- The index for it is there already: who lives in a commune is asked for with a birth by search.

DROP FUNCTION register.alike_anywhere(text[], text[], integer[], integer[], integer[], text[], integer);
DROP FUNCTION register.alike(text[], text[], integer[], integer[], integer[], text[], integer);

CREATE FUNCTION register.alike(
    numbers text[], names text[], born_from integer[], born_to integer[], days integer[], given text[],
    homes text[], home_days integer[], most integer
) RETURNS TABLE (
    person_id bigint, status smallint, sex smallint, born integer, personal_number text, surname text, middle text,
    given_name text, name_key text, province_code text, commune_code text, birth_registration_unit text,
    father text, mother text, old_numbers text[], former_numbers text[], protected boolean
)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH found AS (
        SELECT i.person_id FROM register.identifier i WHERE i.value = ANY (numbers) AND i.scheme IN (1, 2)
         UNION
        SELECT one.person_id
          FROM unnest(names, born_from, born_to) AS w (name_key, first, last)
         CROSS JOIN LATERAL (
                SELECT p.person_id FROM register.person p
                 WHERE p.name_key = w.name_key AND p.born BETWEEN w.first AND w.last
                 LIMIT most) one
         UNION
        SELECT one.person_id
          FROM unnest(days, given) AS w (day, given)
         CROSS JOIN LATERAL (
                SELECT p.person_id FROM register.person p
                 WHERE p.born = w.day AND split_part(p.name_key, ' ', -1) = w.given
                 LIMIT most) one
         UNION
        SELECT one.person_id
          FROM unnest(homes, home_days) AS w (commune, day)
         CROSS JOIN LATERAL (
                SELECT p.person_id FROM register.person p
                 WHERE p.commune_code = w.commune AND p.born = w.day
                 LIMIT most) one
    )
    SELECT p.person_id, p.status, p.sex, p.born, p.personal_number, p.surname, p.middle, p.given, p.name_key,
           p.province_code, p.commune_code, p.birth_registration_unit,
           (SELECT concat_ws(' ', nullif(f.surname, ''), nullif(f.middle, ''), f.given)
              FROM register.person f WHERE f.person_id = p.father_id),
           (SELECT concat_ws(' ', nullif(m.surname, ''), nullif(m.middle, ''), m.given)
              FROM register.person m WHERE m.person_id = p.mother_id),
           (SELECT array_agg(i.value) FROM register.identifier i WHERE i.person_id = p.person_id AND i.scheme = 2),
           (SELECT array_agg(i.value) FROM register.identifier i WHERE i.person_id = p.person_id AND i.scheme = 1),
           p.protected
      FROM found
      JOIN register.person p ON p.person_id = found.person_id
$$;
COMMENT ON FUNCTION register.alike IS
    'Persons who share a number, a name with a birth in a span, or a day of birth with a given name or a commune; as far as the caller sees';
REVOKE EXECUTE ON FUNCTION register.alike FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.alike TO dancu_loader;

CREATE FUNCTION register.alike_anywhere(
    numbers text[], names text[], born_from integer[], born_to integer[], days integer[], given text[],
    homes text[], home_days integer[], most integer
) RETURNS TABLE (
    person_id bigint, status smallint, sex smallint, born integer, personal_number text, surname text, middle text,
    given_name text, name_key text, province_code text, commune_code text, birth_registration_unit text,
    father text, mother text, old_numbers text[], former_numbers text[], shown boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT a.person_id, a.status, a.sex, a.born, a.personal_number, a.surname, a.middle, a.given_name, a.name_key,
           a.province_code, a.commune_code, a.birth_registration_unit, a.father, a.mother, a.old_numbers,
           a.former_numbers,
           coalesce(register.shown(a.province_code, a.commune_code, a.person_id, a.protected), false)
      FROM register.alike(numbers, names, born_from, born_to, days, given, homes, home_days, most) a
     WHERE a.status NOT IN (5, 6)
       AND (NOT a.protected OR register.unmasked(a.person_id))
$$;
COMMENT ON FUNCTION register.alike_anywhere IS
    'A person is registered once in the nation (Law 26/2023, Article 9): who may be meant is weighed wherever it lives, and of whom is out of scope only the office to ask is told. The caller logs it';
ALTER FUNCTION register.alike_anywhere OWNER TO dancu_loader;
REVOKE EXECUTE ON FUNCTION register.alike_anywhere FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register.alike_anywhere TO dancu_app;
