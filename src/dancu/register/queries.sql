-- Statements of the register. `_for_update` locks; the row lock of a person orders its ledger.

-- name: act_of_request
SELECT r.act_id, r.subject_id FROM register.request r WHERE r.request_id = %(request_id)s

-- name: person_for_update
SELECT person_id, version FROM register.person WHERE person_id = %(person_id)s FOR UPDATE

-- name: events_of_person
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text AS payload, e.hash
  FROM register.event e
 WHERE e.person_id = %(person_id)s
 ORDER BY e.seq

-- name: insert_act
-- The act, its request and its place in the feed in one statement: one round trip and one parse instead of three.
WITH request AS (
    INSERT INTO register.request (request_id, act_id, subject_id)
    VALUES (%(request_id)s, %(act_id)s, %(subject_id)s)
), outbox AS (
    INSERT INTO register.outbox (act_id, known_at) VALUES (%(act_id)s, %(known_at)s)
)
INSERT INTO register.act (act_id, kind, valid_on, known_at, authority, office, officer_id, dossier_id, request_id,
                          legal_ground, registration, evidence, source, batch_id, approver_id, persons)
VALUES (%(act_id)s, %(kind)s, %(valid_on)s, %(known_at)s, %(authority)s, %(office)s, %(officer_id)s, %(dossier_id)s,
        %(request_id)s, %(legal_ground)s, %(registration)s, %(evidence)s, %(source)s, %(batch_id)s, %(approver_id)s,
        %(persons)s)

-- name: versions_before
SELECT e.person_id, min(e.seq) - 1
  FROM register.event e
 WHERE e.person_id = ANY (%(person_ids)s) AND e.act_id = %(act_id)s
 GROUP BY e.person_id

-- name: insert_event
INSERT INTO register.event (person_id, seq, kind, valid_on, known_at, act_id, payload, hash)
VALUES (%(person_id)s, %(seq)s, %(kind)s, %(valid_on)s, %(known_at)s, %(act_id)s, %(payload)s::json, %(hash)s)

-- name: insert_person
INSERT INTO register.person (person_id, father_id, mother_id, spouse_id, household_id, known_at, version, born, died,
                             status, subject_type, sex, marital, ethnicity, relation, personal_number,
                             name_key, surname, middle, given, nationality, birth_registration_unit, origin_unit,
                             province_code, commune_code, protected)
VALUES (%(person_id)s, %(father_id)s, %(mother_id)s, %(spouse_id)s, %(household_id)s, %(known_at)s, %(version)s,
        %(born)s, %(died)s, %(status)s, %(subject_type)s, %(sex)s, %(marital)s, %(ethnicity)s,
        %(relation)s, %(personal_number)s, %(name_key)s, %(surname)s, %(middle)s, %(given)s,
        %(nationality)s, %(birth_registration_unit)s, %(origin_unit)s, %(province_code)s, %(commune_code)s,
        %(protected)s)

-- name: update_person
UPDATE register.person
   SET father_id = %(father_id)s, mother_id = %(mother_id)s, spouse_id = %(spouse_id)s,
       household_id = %(household_id)s, known_at = %(known_at)s, version = %(version)s, born = %(born)s,
       died = %(died)s, status = %(status)s, subject_type = %(subject_type)s, sex = %(sex)s, marital = %(marital)s,
       ethnicity = %(ethnicity)s, relation = %(relation)s,
       personal_number = %(personal_number)s, name_key = %(name_key)s, surname = %(surname)s, middle = %(middle)s,
       given = %(given)s, nationality = %(nationality)s, birth_registration_unit = %(birth_registration_unit)s,
       origin_unit = %(origin_unit)s, province_code = %(province_code)s, commune_code = %(commune_code)s,
       protected = %(protected)s,
       merged_into = %(merged_into)s
 WHERE person_id = %(person_id)s AND version = %(seen_version)s

-- name: touch_person
-- For events that change nothing in the row but its stamps.
UPDATE register.person
   SET version = %(version)s, known_at = %(known_at)s
 WHERE person_id = %(person_id)s AND version = %(seen_version)s

-- name: insert_identifier
INSERT INTO register.identifier (person_id, scheme, value, ordinal, valid_from, valid_to, cancelled)
VALUES (%(person_id)s, %(scheme)s::smallint, %(value)s::text,
        CASE WHEN %(scheme)s::smallint = 1 THEN 0
             ELSE register.next_ordinal(%(value)s::text, %(scheme)s::smallint) END,
        %(valid_from)s, %(valid_to)s, %(cancelled)s)

-- name: update_identifier
UPDATE register.identifier
   SET valid_from = %(valid_from)s, valid_to = %(valid_to)s, cancelled = %(cancelled)s
 WHERE value = %(value)s AND scheme = %(scheme)s AND person_id = %(person_id)s

-- name: insert_residence
INSERT INTO register.residence (person_id, row_no, kind, unit_code, unit_day, detail, valid_from, valid_to, known_from)
SELECT %(person_id)s, coalesce(max(r.row_no), 0) + 1, %(kind)s, %(unit_code)s, %(unit_day)s, %(detail)s,
       %(valid_from)s::date, %(valid_to)s::date, %(known_at)s
  FROM register.residence r
 WHERE r.person_id = %(person_id)s

-- name: close_residence
UPDATE register.residence
   SET known_to = %(known_at)s
 WHERE person_id = %(person_id)s AND known_to IS NULL
   AND kind = %(kind)s AND unit_code = %(unit_code)s AND unit_day = %(unit_day)s AND detail = %(detail)s
   AND valid_from IS NOT DISTINCT FROM %(valid_from)s::date AND valid_to IS NOT DISTINCT FROM %(valid_to)s::date

-- name: insert_membership
INSERT INTO register.membership (person_id, row_no, household_id, relation, valid_from, valid_to, known_from)
SELECT %(person_id)s, coalesce(max(m.row_no), 0) + 1, %(household_id)s, %(relation)s,
       %(valid_from)s::date, %(valid_to)s::date, %(known_at)s
  FROM register.membership m
 WHERE m.person_id = %(person_id)s

-- name: close_membership
UPDATE register.membership
   SET known_to = %(known_at)s
 WHERE person_id = %(person_id)s AND known_to IS NULL
   AND household_id = %(household_id)s AND relation = %(relation)s
   AND valid_from IS NOT DISTINCT FROM %(valid_from)s::date AND valid_to IS NOT DISTINCT FROM %(valid_to)s::date

-- name: delete_former_names
DELETE FROM register.former_name WHERE person_id = %(person_id)s

-- name: insert_former_name
INSERT INTO register.former_name (person_id, row_no, other, name_key, born)
VALUES (%(person_id)s, %(row_no)s, %(other)s, %(name_key)s, %(born)s)

-- name: insert_household
INSERT INTO register.household (household_id, file_no, unit_code, unit_day, detail, formed_on)
VALUES (%(household_id)s, %(file_no)s, %(unit_code)s, %(unit_day)s, %(detail)s, %(formed_on)s)

-- name: insert_clock
INSERT INTO register.clock (clock_id, kind, since, due_on, person_id, household_id, act_id)
VALUES (%(clock_id)s, %(kind)s, %(since)s, %(due_on)s, %(person_id)s, %(household_id)s, %(act_id)s)

-- name: end_household_clock
UPDATE register.clock
   SET ended_by = %(act_id)s
 WHERE household_id = %(household_id)s AND kind = %(kind)s AND ended_by IS NULL

-- name: end_person_clock
UPDATE register.clock
   SET ended_by = %(act_id)s
 WHERE person_id = %(person_id)s AND kind = %(kind)s AND ended_by IS NULL

-- name: come_of_age
-- 25: a finding on legal capacity; 1: alive.
SELECT DISTINCT c.person_id
  FROM register.clock c
  JOIN register.person p ON p.person_id = c.person_id
 WHERE c.kind = ANY (%(kinds)s) AND c.due_on <= %(on)s AND c.ended_by IS NULL AND p.status = 1
   AND NOT EXISTS (SELECT FROM register.event e WHERE e.person_id = c.person_id AND e.kind = 25)
 ORDER BY c.person_id
 LIMIT %(most)s

-- name: open_clock
SELECT c.clock_id FROM register.clock c
 WHERE c.household_id = %(household_id)s AND c.kind = %(kind)s AND c.ended_by IS NULL

-- name: survivor_of
SELECT register.survivor_of(%(person_id)s::bigint)

-- name: survivor_by_number
SELECT s.person_id, s.survivor_id FROM register.survivor_by_number(%(value)s::text) s

-- name: persons_of_act_anywhere
SELECT register.persons_of_act(%(act_id)s::bigint)

-- name: summary_of
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.commune_code
  FROM register.person p WHERE p.person_id = %(person_id)s

-- name: insert_question
INSERT INTO register.question (person_id, seq, other_id, act_id, reason)
VALUES (%(person_id)s, %(seq)s, %(other_id)s, %(act_id)s, %(reason)s)

-- name: expired_stays
-- Terms that were over after the last event of the person, and that no further term follows.
SELECT r.person_id, r.valid_to
  FROM register.residence r
  JOIN register.person p ON p.person_id = r.person_id
 WHERE r.kind = 2 AND r.known_to IS NULL AND r.valid_to <= %(on)s
   AND r.valid_to > (p.known_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND p.status = 1
   AND NOT EXISTS (SELECT FROM register.residence o
                    WHERE o.person_id = r.person_id AND o.kind = 2 AND o.known_to IS NULL
                      AND o.valid_from <= r.valid_to AND (o.valid_to IS NULL OR o.valid_to > r.valid_to))
 ORDER BY r.valid_to
 LIMIT %(most)s

-- name: number_is_taken
SELECT register.number_is_taken(%(value)s)

-- name: count_number
INSERT INTO register.number_block AS b (block, used) VALUES (%(block)s, 1)
ON CONFLICT (block) DO UPDATE SET used = b.used + 1

-- name: numbers_used
SELECT b.used FROM register.number_block b WHERE b.block = %(block)s

-- name: form_households
INSERT INTO register.household (household_id, file_no, unit_code, unit_day, detail, formed_on)
SELECT h.household_id, h.file_no, h.unit_code, h.unit_day, h.detail, h.formed_on
  FROM unnest(%(household_id)s::bigint[], %(file_no)s::text[], %(unit_code)s::text[], %(unit_day)s::date[],
              %(detail)s::text[], %(formed_on)s::date[])
    AS h (household_id, file_no, unit_code, unit_day, detail, formed_on)
ON CONFLICT (household_id) DO NOTHING

-- name: count_numbers
INSERT INTO register.number_block AS b (block, used)
SELECT n.block, n.used FROM unnest(%(blocks)s::text[], %(used)s::integer[]) AS n (block, used)
ON CONFLICT (block) DO UPDATE SET used = b.used + excluded.used

-- name: opened
SELECT current_setting('dancu.opened', true), current_setting('dancu.unmasked', true)

-- name: other_members
SELECT register.other_members(%(household_id)s, %(leaving)s::bigint[])

-- name: head_of
SELECT register.head_of(%(household_id)s)

-- name: household_for_update
SELECT h.household_id FROM register.household h WHERE h.household_id = %(household_id)s FOR UPDATE

-- name: household
SELECT h.household_id, h.file_no, h.unit_code, h.unit_day, h.detail, h.formed_on
  FROM register.household h WHERE h.household_id = %(household_id)s

-- name: summary_by_number
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.commune_code
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = %(value)s AND i.scheme = 1

-- name: masked_holder
SELECT register.masked_holder(%(number)s)

-- name: is_masked
SELECT register.is_masked(%(person_id)s)

-- name: office_of_act
SELECT a.office, a.authority FROM register.act a WHERE a.act_id = %(act_id)s
