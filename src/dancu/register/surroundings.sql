-- Whom and what a life names: what a page shows beside the life itself.

-- name: events
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text AS payload, e.hash
  FROM register.event e
 WHERE e.person_id = %(person_id)s
 ORDER BY e.seq

-- name: events_of_some
SELECT e.person_id, e.seq, e.kind, e.valid_on, e.known_at, e.act_id, e.payload::text AS payload
  FROM register.event e
 WHERE e.person_id = ANY (%(person_ids)s)
 ORDER BY e.person_id, e.seq

-- name: people
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, p.household_id
  FROM register.person p
 WHERE p.person_id = ANY (%(person_ids)s)

-- name: survivors_of
SELECT s.person_id, s.survivor_id FROM register.survivors_of(%(person_ids)s::bigint[]) s

-- name: children
SELECT p.person_id, p.personal_number, p.surname, p.middle, p.given, p.born, p.sex, p.status, p.province_code,
       p.commune_code, p.household_id
  FROM register.person p
 WHERE (p.father_id = ANY (register.with_merged(%(person_id)s)) OR p.mother_id = ANY (register.with_merged(%(person_id)s)))
   AND p.status NOT IN (5, 6)
 ORDER BY p.born NULLS LAST, p.person_id
 LIMIT 60

-- name: members_on
SELECT m.person_id, m.relation
  FROM register.membership m
 WHERE m.household_id = %(household_id)s AND m.known_to IS NULL
   AND (m.valid_from IS NULL OR m.valid_from <= %(day)s) AND (m.valid_to IS NULL OR %(day)s < m.valid_to)
 ORDER BY m.relation, m.person_id
 LIMIT 200

-- name: household
SELECT h.household_id, h.file_no, h.unit_code, h.unit_day, h.detail
  FROM register.household h
 WHERE h.household_id = %(household_id)s

-- name: household_by_file_no
SELECT h.household_id, h.file_no, h.unit_code, h.unit_day, h.detail
  FROM register.household h
 WHERE h.file_no = %(file_no)s
 LIMIT 1

-- name: acts
SELECT a.act_id, a.office, a.officer_id, a.approver_id, a.dossier_id, a.legal_ground, a.registration, a.source,
       a.evidence
  FROM register.act a
 WHERE a.act_id = ANY (%(act_ids)s)

-- name: clocks
SELECT c.kind, c.since, c.due_on
  FROM register.clock c
 WHERE c.ended_by IS NULL AND (c.person_id = %(person_id)s OR c.household_id = %(household_id)s)
 ORDER BY c.since
