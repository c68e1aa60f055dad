-- Slices of the space of person ids: ids are random, so slices of equal width hold equal numbers.

-- name: persons
SELECT p.person_id, p.father_id, p.mother_id, p.spouse_id, p.household_id, p.known_at, p.version, p.born, p.died, p.status,
       p.subject_type, p.sex, p.marital, p.ethnicity, p.relation, p.personal_number, p.name_key,
       p.surname, p.middle, p.given, p.nationality, p.birth_registration_unit, p.origin_unit, p.province_code,
       p.commune_code, p.protected, p.merged_into
  FROM register.person p WHERE p.person_id BETWEEN %(first)s AND %(last)s

-- name: events
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text, e.hash
  FROM register.event e WHERE e.person_id BETWEEN %(first)s AND %(last)s ORDER BY e.person_id, e.seq

-- name: events_of
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text, e.hash
  FROM register.event e WHERE e.person_id = ANY (%(person_ids)s::bigint[]) ORDER BY e.person_id, e.seq

-- name: identifiers
SELECT i.person_id, i.scheme, i.value, i.valid_from, i.valid_to, i.cancelled
  FROM register.identifier i WHERE i.person_id BETWEEN %(first)s AND %(last)s

-- name: residences
SELECT r.person_id, r.kind, r.unit_code, r.detail, r.unit_day, r.valid_from, r.valid_to, r.known_from, r.known_to
  FROM register.residence r WHERE r.person_id BETWEEN %(first)s AND %(last)s

-- name: memberships
SELECT m.person_id, m.household_id, m.relation, m.valid_from, m.valid_to, m.known_from, m.known_to
  FROM register.membership m WHERE m.person_id BETWEEN %(first)s AND %(last)s

-- name: former_names
SELECT f.person_id, f.row_no, f.name_key, f.other, f.born
  FROM register.former_name f WHERE f.person_id BETWEEN %(first)s AND %(last)s

-- Links, over all persons at once. Each yields the persons (or households) for which it does not hold. ----------------

-- name: one_sided
-- Spouses who do not name each other in their rows. A row names one spouse; of old plural marriages, lives tell all.
-- A record that was annulled names nobody; of one that was merged, the survivor tells. What a clerk must still decide
-- after a merge was undone may stand one-sided until then.
SELECT p.person_id, p.spouse_id FROM register.person p LEFT JOIN register.person s ON s.person_id = p.spouse_id
 WHERE p.spouse_id IS NOT NULL AND s.spouse_id IS DISTINCT FROM p.person_id
   AND (s.status IS NULL OR s.status <> 6)
   AND NOT EXISTS (SELECT FROM register.question q
                    WHERE q.settled_at IS NULL
                      AND (q.person_id IN (p.person_id, p.spouse_id) OR q.other_id IN (p.person_id, p.spouse_id)))

-- name: persons_bound_to_others
-- Those of whom an event ended a marriage, established an adoption, or told a guardianship or a representation.
SELECT DISTINCT e.person_id FROM register.event e WHERE e.kind IN (14, 15, 16, 19, 20, 21, 22) ORDER BY e.person_id

-- name: doubtful_records
-- Records that a clerk must still tell apart after a merge was undone: a tie may stand one-sided until then.
SELECT q.person_id, q.other_id FROM register.question q WHERE q.settled_at IS NULL

-- name: merged_records
SELECT p.person_id, p.merged_into FROM register.person p WHERE p.status = 5 OR p.merged_into IS NOT NULL

-- name: link_temporary_residence_lasts_two_years_at_most
-- Of what was registered here since the law of 2020; what sources told is as it was.
SELECT DISTINCT r.person_id
  FROM register.residence r
  JOIN register.event e ON e.person_id = r.person_id AND e.known_at = r.known_from AND e.kind IN (27, 28)
 WHERE r.kind = 2 AND r.known_to IS NULL AND e.valid_on >= 20210701
   AND to_char(r.valid_from, 'YYYYMMDD')::integer = e.valid_on
   AND (r.valid_to IS NULL OR r.valid_to > r.valid_from + interval '2 years')

-- name: link_clock_of_a_person_without_number_ends_with_a_number
SELECT c.person_id
  FROM register.clock c JOIN register.person p ON p.person_id = c.person_id
 WHERE c.kind = 'without_number' AND c.ended_by IS NULL AND p.personal_number IS NOT NULL

-- name: link_question_is_about_an_event
SELECT q.person_id
  FROM register.question q
  LEFT JOIN register.event e ON e.person_id = q.person_id AND e.seq = q.seq
  LEFT JOIN register.act a ON a.act_id = q.act_id AND a.kind = 38
 WHERE e.person_id IS NULL OR a.act_id IS NULL

-- name: link_father_is_known
SELECT p.person_id FROM register.person p LEFT JOIN register.person f ON f.person_id = p.father_id
 WHERE p.father_id IS NOT NULL AND f.person_id IS NULL

-- name: link_mother_is_known
SELECT p.person_id FROM register.person p LEFT JOIN register.person m ON m.person_id = p.mother_id
 WHERE p.mother_id IS NOT NULL AND m.person_id IS NULL

-- name: link_parent_is_older
SELECT p.person_id FROM register.person p JOIN register.person q ON q.person_id IN (p.father_id, p.mother_id)
 WHERE q.born / 10000 >= p.born / 10000

-- name: link_household_is_known
SELECT p.person_id FROM register.person p LEFT JOIN register.household h ON h.household_id = p.household_id
 WHERE p.household_id IS NOT NULL AND h.household_id IS NULL

-- name: link_household_of_every_membership_is_known
SELECT DISTINCT m.person_id FROM register.membership m LEFT JOIN register.household h ON h.household_id = m.household_id
 WHERE h.household_id IS NULL

-- name: link_one_head_in_a_household
SELECT p.household_id FROM register.person p
 WHERE p.household_id IS NOT NULL AND p.relation = 1 AND p.status = 1
 GROUP BY p.household_id HAVING count(*) > 1

-- name: link_clock_of_a_household_without_head
SELECT h.household_id
  FROM (SELECT p.household_id FROM register.person p
         WHERE p.household_id IS NOT NULL AND p.status = 1
         GROUP BY p.household_id HAVING count(*) FILTER (WHERE p.relation = 1) = 0) h
 WHERE NOT EXISTS (SELECT FROM register.clock c
                    WHERE c.household_id = h.household_id AND c.kind = 'household_without_head' AND c.ended_by IS NULL)

-- name: link_clock_of_a_household_without_head_ends_with_a_head
SELECT c.household_id
  FROM register.clock c
 WHERE c.kind = 'household_without_head' AND c.ended_by IS NULL
   AND (EXISTS (SELECT FROM register.person p
                 WHERE p.household_id = c.household_id AND p.status = 1 AND p.relation = 1)
        OR NOT EXISTS (SELECT FROM register.person p WHERE p.household_id = c.household_id AND p.status = 1))

-- name: link_clock_has_its_acts
SELECT coalesce(c.person_id, c.household_id)
  FROM register.clock c
  LEFT JOIN register.act a ON a.act_id = c.act_id
  LEFT JOIN register.act z ON z.act_id = c.ended_by
 WHERE a.act_id IS NULL OR (c.ended_by IS NOT NULL AND z.act_id IS NULL)

-- name: link_event_is_known_when_its_act_is
SELECT e.person_id FROM register.event e JOIN register.act a ON a.act_id = e.act_id WHERE a.known_at <> e.known_at

-- name: link_act_is_of_the_kind_and_day_of_an_event
-- An act that establishes a batch of persons has a day of its own.
SELECT a.persons[1]
  FROM register.act a
 WHERE NOT EXISTS (SELECT FROM register.event e
                    WHERE e.person_id = a.persons[1] AND e.act_id = a.act_id
                      AND e.kind = a.kind
                      AND (e.valid_on = a.valid_on OR (a.kind = 1 AND a.batch_id IS NOT NULL)))

-- name: link_event_is_listed_by_its_act
SELECT x.person_id
  FROM (SELECT e.person_id, e.act_id FROM register.event e
        EXCEPT
        SELECT u.person_id, a.act_id FROM register.act a CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)) x

-- name: link_act_has_its_events
SELECT x.person_id
  FROM (SELECT u.person_id, a.act_id FROM register.act a CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)
        EXCEPT
        SELECT e.person_id, e.act_id FROM register.event e) x

-- name: link_act_has_its_request
SELECT a.persons[1]
  FROM register.act a
  LEFT JOIN register.request r ON r.request_id = a.request_id AND r.act_id = a.act_id
 WHERE r.act_id IS NULL OR r.subject_id <> ALL (a.persons)

-- name: link_request_has_its_act
SELECT r.subject_id
  FROM register.request r
  LEFT JOIN register.act a ON a.act_id = r.act_id AND a.request_id = r.request_id
 WHERE a.act_id IS NULL

-- name: link_numbers_are_counted
SELECT min(i.person_id)
  FROM register.identifier i
  LEFT JOIN register.number_block b ON b.block = left(i.value, 6)
 WHERE i.scheme = 1
 GROUP BY left(i.value, 6) HAVING count(*) > coalesce(max(b.used), 0)
