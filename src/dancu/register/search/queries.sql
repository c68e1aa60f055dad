-- name: name_words
SELECT w.word, w.frequency FROM register.name_words(%(percent)s::real) w

-- name: size_of_register
SELECT greatest(c.reltuples, 0)::bigint FROM pg_class c WHERE c.oid = 'register.person'::regclass

-- name: by_number
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, i.cancelled, i.scheme
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s)
 LIMIT 20

-- name: by_name_and_birth
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.name_key = ANY (%(keys)s) AND p.born BETWEEN %(born_from)s AND %(born_to)s
 LIMIT %(most)s

-- name: by_name
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.name_key = ANY (%(keys)s)
 LIMIT %(most)s

-- name: by_birth
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.born = %(born)s
 LIMIT %(most)s

-- name: by_former_name
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.former_name f
  JOIN register.person p ON p.person_id = f.person_id
 WHERE f.name_key = ANY (%(keys)s) AND (f.born IS NULL OR f.born BETWEEN %(born_from)s AND %(born_to)s)
 LIMIT %(most)s

-- name: by_words
-- Half a name, within a few communes: those asked for, or the officer's own. Some ten thousand rows at most.
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code
  FROM register.person p
 WHERE p.commune_code = ANY (%(communes)s || ARRAY[split_part(current_setting('dancu.scope', true), 'commune:', 2)])
   AND p.born BETWEEN %(born_from)s AND %(born_to)s
   AND string_to_array(p.name_key, ' ') @> %(words)s::text[]
 LIMIT %(most)s
