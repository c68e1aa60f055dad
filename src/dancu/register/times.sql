-- Questions in two times. valid: on a day; known: as the register had it at a moment.

-- name: members_as_of
SELECT m.person_id, m.relation, m.valid_from
  FROM register.membership m
 WHERE m.household_id = %(household_id)s
   AND m.known_from <= %(as_known_at)s AND (m.known_to IS NULL OR m.known_to > %(as_known_at)s)
   AND (m.valid_from IS NULL OR m.valid_from <= %(on)s) AND (m.valid_to IS NULL OR m.valid_to > %(on)s)
 ORDER BY m.relation, m.person_id

-- name: stays_as_of
-- The stays in these units that count: those of whom no higher layer tells another place.
SELECT r.person_id, r.kind, r.unit_code, r.unit_day, r.detail, r.valid_from, r.valid_to
  FROM register.residence r
 WHERE r.unit_code = ANY (%(units)s)
   AND r.known_from <= %(as_known_at)s AND (r.known_to IS NULL OR r.known_to > %(as_known_at)s)
   AND (r.valid_from IS NULL OR r.valid_from <= %(on)s) AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
   AND NOT EXISTS (
       SELECT FROM register.residence o
        WHERE o.person_id = r.person_id AND o.kind > r.kind
          AND o.known_from <= %(as_known_at)s AND (o.known_to IS NULL OR o.known_to > %(as_known_at)s)
          AND (o.valid_from IS NULL OR o.valid_from <= %(on)s) AND (o.valid_to IS NULL OR o.valid_to > %(on)s))
   AND r.person_id > %(after)s
 ORDER BY r.person_id
 LIMIT %(most)s

-- name: counts_as_of
-- By address, since the text tells where in a split commune it lies.
SELECT r.unit_code, r.unit_day, r.detail, count(*)
  FROM register.residence r
 WHERE r.unit_code = ANY (%(units)s)
   AND r.known_from <= %(as_known_at)s AND (r.known_to IS NULL OR r.known_to > %(as_known_at)s)
   AND (r.valid_from IS NULL OR r.valid_from <= %(on)s) AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
   AND NOT EXISTS (
       SELECT FROM register.residence o
        WHERE o.person_id = r.person_id AND o.kind > r.kind
          AND o.known_from <= %(as_known_at)s AND (o.known_to IS NULL OR o.known_to > %(as_known_at)s)
          AND (o.valid_from IS NULL OR o.valid_from <= %(on)s) AND (o.valid_to IS NULL OR o.valid_to > %(on)s))
 GROUP BY r.unit_code, r.unit_day, r.detail

-- name: stays_at_address
SELECT r.person_id, r.kind, r.unit_code, r.unit_day, r.detail, r.valid_from, r.valid_to
  FROM register.residence r
 WHERE r.unit_code = ANY (%(units)s)
   AND r.known_from <= %(as_known_at)s AND (r.known_to IS NULL OR r.known_to > %(as_known_at)s)
   AND (r.valid_from IS NULL OR r.valid_from <= %(until)s) AND (r.valid_to IS NULL OR r.valid_to > %(since)s)
 ORDER BY r.valid_from NULLS FIRST, r.person_id
