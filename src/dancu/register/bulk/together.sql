-- Updates of many persons, each by one event of one act: one statement a table. See dancu.register.store for single ones.

-- name: lock_persons
-- In the order of their ids, so that two loads can't wait for each other.
SELECT p.person_id, p.version
  FROM register.person p
 WHERE p.person_id = ANY (%(person_ids)s)
 ORDER BY p.person_id
   FOR UPDATE

-- name: events_of_persons
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text AS payload, e.hash
  FROM register.event e
 WHERE e.person_id = ANY (%(person_ids)s)
 ORDER BY e.person_id, e.seq

-- name: last_rows_of_residence
SELECT r.person_id, max(r.row_no) FROM register.residence r WHERE r.person_id = ANY (%(person_ids)s) GROUP BY r.person_id

-- name: update_persons
UPDATE register.person p
   SET father_id = n.father_id, mother_id = n.mother_id, spouse_id = n.spouse_id, known_at = %(known_at)s,
       version = n.version, born = n.born, died = n.died, status = n.status, subject_type = n.subject_type,
       sex = n.sex, marital = n.marital, ethnicity = n.ethnicity, personal_number = n.personal_number,
       name_key = n.name_key, surname = n.surname, middle = n.middle, given = n.given, nationality = n.nationality,
       birth_registration_unit = n.birth_registration_unit, origin_unit = n.origin_unit,
       province_code = n.province_code, commune_code = n.commune_code
  FROM unnest(%(person_id)s::bigint[], %(father_id)s::bigint[], %(mother_id)s::bigint[], %(spouse_id)s::bigint[],
              %(version)s::integer[], %(born)s::integer[], %(died)s::integer[], %(status)s::smallint[],
              %(subject_type)s::smallint[], %(sex)s::smallint[], %(marital)s::smallint[], %(ethnicity)s::smallint[],
              %(personal_number)s::text[], %(name_key)s::text[], %(surname)s::text[], %(middle)s::text[],
              %(given)s::text[], %(nationality)s::text[], %(birth_registration_unit)s::text[],
              %(origin_unit)s::text[], %(province_code)s::text[], %(commune_code)s::text[])
    AS n (person_id, father_id, mother_id, spouse_id, version, born, died, status, subject_type, sex, marital,
          ethnicity, personal_number, name_key, surname, middle, given, nationality, birth_registration_unit,
          origin_unit, province_code, commune_code)
 WHERE p.person_id = n.person_id AND p.version = n.version - 1

-- name: touch_persons
UPDATE register.person p
   SET version = n.version, known_at = %(known_at)s
  FROM unnest(%(person_id)s::bigint[], %(version)s::integer[]) AS n (person_id, version)
 WHERE p.person_id = n.person_id AND p.version = n.version - 1

-- name: insert_identifiers
-- `nth`: of the holders of one number among these rows, which.
INSERT INTO register.identifier (person_id, scheme, value, ordinal, valid_from, valid_to, cancelled)
SELECT n.person_id, n.scheme, n.value,
       CASE WHEN n.scheme = 1 THEN 0 ELSE register.next_ordinal(n.value, n.scheme) + n.nth END, n.valid_from,
       n.valid_to, false
  FROM unnest(%(person_id)s::bigint[], %(scheme)s::smallint[], %(value)s::text[], %(nth)s::smallint[],
              %(valid_from)s::date[], %(valid_to)s::date[])
    AS n (person_id, scheme, value, nth, valid_from, valid_to)

-- name: close_residences
UPDATE register.residence r
   SET known_to = %(known_at)s
  FROM unnest(%(person_id)s::bigint[], %(kind)s::smallint[], %(unit_code)s::text[], %(unit_day)s::date[],
              %(detail)s::text[], %(valid_from)s::date[], %(valid_to)s::date[])
    AS n (person_id, kind, unit_code, unit_day, detail, valid_from, valid_to)
 WHERE r.person_id = n.person_id AND r.known_to IS NULL AND r.kind = n.kind AND r.unit_code = n.unit_code
   AND r.unit_day = n.unit_day AND r.detail = n.detail AND r.valid_from IS NOT DISTINCT FROM n.valid_from
   AND r.valid_to IS NOT DISTINCT FROM n.valid_to

-- name: delete_former_names
DELETE FROM register.former_name WHERE person_id = ANY (%(person_ids)s)
