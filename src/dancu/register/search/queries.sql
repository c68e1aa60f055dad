-- name: name_words
SELECT w.word, w.frequency FROM register.name_words(%(percent)s::real) w

-- name: circumstances
-- The reach of the transaction, and about how many people there are.
SELECT coalesce(current_setting('dancu.scope', true), ''),
       coalesce(current_setting('dancu.opened', true), ''),
       (SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = 'register.person'::regclass)

-- name: by_number
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, i.cancelled, i.scheme
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s)
 LIMIT 20

-- name: by_number_of_merged
-- Whom the numbers of merged records lead to.
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, true, 1
  FROM unnest(%(values)s::text[]) AS v (value)
 CROSS JOIN LATERAL register.survivor_by_number(v.value) s
  JOIN register.person p ON p.person_id = s.survivor_id
 LIMIT 20

-- name: by_name_and_births
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.name_key = ANY (%(keys)s) AND p.born = ANY (%(births)s)
 LIMIT %(most)s

-- name: by_birth
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.born = %(born)s
 LIMIT %(most)s

-- name: by_commune_and_birth
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.commune_code = ANY (%(communes)s) AND p.born BETWEEN %(born_from)s AND %(born_to)s
 LIMIT %(most)s

-- name: by_names_in_turn
-- The likeliest key first; no key takes the place of all others.
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS k (key, turn)
 CROSS JOIN LATERAL (
        SELECT one.person_id, one.personal_number, one.surname, one.middle, one.given, one.born, one.sex, one.status,
               one.province_code, one.commune_code
          FROM register.person one
         WHERE one.name_key = k.key AND one.born BETWEEN %(born_from)s AND %(born_to)s
           AND (%(anywhere)s OR one.province_code = ANY (%(provinces)s) OR one.commune_code = ANY (%(communes)s))
         LIMIT %(most_of_a_key)s) p
 LIMIT %(most)s

-- name: by_name
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.name_key = ANY (%(keys)s)
   AND (%(anywhere)s OR p.province_code = ANY (%(provinces)s) OR p.commune_code = ANY (%(communes)s))
 LIMIT %(most)s

-- name: by_former_name
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.former_name f
  JOIN register.person p ON p.person_id = f.person_id
 WHERE f.name_key = ANY (%(keys)s) AND (f.born IS NULL OR f.born BETWEEN %(born_from)s AND %(born_to)s)
 LIMIT %(most)s

-- name: by_words
-- Half a name, within a few communes: those with so many of the words. Some ten thousand rows are read at most.
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.commune_code = ANY (%(communes)s)
   AND (SELECT count(*) FROM unnest(%(words)s::text[]) AS w (word)
         WHERE w.word = ANY (string_to_array(p.name_key, ' '))) >= %(at_least)s
 LIMIT %(most)s

-- name: by_id
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.person_id = ANY (%(persons)s)
 LIMIT %(most)s

-- name: children_near
-- The children in scope of a mother, or of a father with no other mother, who were born about then.
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, coalesce(p.mother_id = %(mother)s::bigint, false),
       coalesce(p.father_id = %(father)s::bigint, false)
  FROM register.person p
 WHERE (p.mother_id = %(mother)s::bigint
        OR (p.father_id = %(father)s::bigint
            AND coalesce(p.mother_id, %(mother)s::bigint, 0) = coalesce(%(mother)s::bigint, p.mother_id, 0)))
   AND p.status NOT IN (5, 6)
   AND register.born_within(p.born, %(first)s, %(last)s)
 ORDER BY p.born, p.person_id
 LIMIT %(most)s

-- name: children_elsewhere
SELECT e.person_id, e.unit_code
  FROM register.children_elsewhere(%(mother)s::bigint, %(father)s::bigint, %(first)s, %(last)s, %(name_key)s,
                                   %(born)s, %(places)s::text[], %(most)s) e
