-- Any number of a merged record leads to the one that carries on, also an old identity card.

CREATE OR REPLACE FUNCTION register.survivor_by_number(wanted text)
RETURNS TABLE (person_id bigint, survivor_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, register.survivor_of(p.person_id)
      FROM register.identifier i
      JOIN register.person p ON p.person_id = i.person_id
     WHERE i.value = wanted AND p.merged_into IS NOT NULL
$$;
