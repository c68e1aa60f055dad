-- The feed. Only `sequence` writes, and only who holds the lock of `head_for_update` may run it.

-- name: anything
SELECT EXISTS (SELECT FROM register.outbox)

-- name: lead
-- One sequencer works; others stand by. That no number is given twice does not hang on it: see head_for_update.
SELECT pg_try_advisory_lock(1684108131)

-- name: head_for_update
SELECT h.sequence FROM register.feed_head h FOR UPDATE

-- name: make_partition
SELECT register.make_feed_partition(%(number)s)

-- name: sequence
-- From the outbox into the feed, in one statement and so in one snapshot: who sees an act sees whatever went before it.
-- An act of more persons than `whole` is one entry. An act that is not there is told as kind 0, for verify to find.
WITH picked AS (
    DELETE FROM register.outbox o
     WHERE o.ctid = ANY (ARRAY(SELECT p.ctid FROM register.outbox p ORDER BY p.position LIMIT %(most)s))
    RETURNING o.position, o.act_id, o.known_at
), line AS (
    SELECT p.position, 0::bigint AS place, p.act_id, NULL::bigint AS person_id, NULL::bigint AS survivor_id,
           coalesce(a.known_at, p.known_at) AS known_at, NULL::integer AS seq,
           coalesce(cardinality(a.persons), 0) AS persons, coalesce(a.kind, 0::smallint) AS kind
      FROM picked p
      LEFT JOIN register.act a ON a.act_id = p.act_id
     WHERE a.act_id IS NULL OR cardinality(a.persons) > %(whole)s
    UNION ALL
    SELECT p.position, u.place, p.act_id, u.person_id,
           CASE WHEN e.kind = 37  -- payloads.Payload.merged_into
                THEN (SELECT s.id FROM unnest(a.persons) AS s (id) WHERE s.id::text = e.payload ->> 'mi') END,
           a.known_at, e.seq, 1, coalesce(e.kind, a.kind)
      FROM picked p
      JOIN register.act a ON a.act_id = p.act_id AND cardinality(a.persons) <= %(whole)s
     CROSS JOIN LATERAL unnest(a.persons) WITH ORDINALITY AS u (person_id, place)
      LEFT JOIN register.event e ON e.person_id = u.person_id AND e.act_id = p.act_id
), written AS (
    INSERT INTO register.feed (sequence, act_id, person_id, survivor_id, known_at, seq, persons, kind)
    SELECT h.sequence + row_number() OVER (ORDER BY l.position, l.place, l.seq), l.act_id, l.person_id, l.survivor_id,
           l.known_at, l.seq, l.persons, l.kind
      FROM line l
     CROSS JOIN register.feed_head h
), moved AS (
    UPDATE register.feed_head h SET sequence = h.sequence + (SELECT count(*) FROM line)
)
SELECT count(*) FROM picked

-- name: tidy
VACUUM register.outbox

-- name: announce
NOTIFY dancu_feed

-- name: listen
LISTEN dancu_feed

-- name: head
SELECT h.sequence FROM register.feed_head h

-- name: page
SELECT f.sequence, f.act_id, f.kind, f.known_at, f.person_id, f.seq, f.survivor_id, f.persons
  FROM register.feed f
 WHERE f.sequence > %(after)s
 ORDER BY f.sequence
 LIMIT %(most)s

-- name: events_of_act
-- Some persons of an act of many, by their place in it.
SELECT u.place::integer, u.person_id, e.seq, e.kind
  FROM register.act a
 CROSS JOIN LATERAL unnest(a.persons[%(after)s::integer + 1 : %(after)s::integer + %(most)s::integer])
       WITH ORDINALITY AS u (person_id, place)
  JOIN register.event e ON e.person_id = u.person_id AND e.act_id = a.act_id
 WHERE a.act_id = %(act_id)s
 ORDER BY u.place, e.seq

-- name: pending
-- How many acts wait for their numbers, and when the first of them was recorded.
SELECT count(*), min(o.known_at) FROM register.outbox o

-- name: pending_acts
SELECT o.act_id FROM register.outbox o

-- name: persons_of_acts
SELECT DISTINCT u.person_id
  FROM register.act a
 CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)
 WHERE a.act_id = ANY (%(acts)s)

-- Who counts, and where: current rows, by id or slice by slice. -----------------------------------------------------

-- name: presences
SELECT p.person_id, p.version, p.status, p.sex, p.born FROM register.person p WHERE p.person_id = ANY (%(ids)s)

-- name: presences_between
SELECT p.person_id, p.version, p.status, p.sex, p.born
  FROM register.person p WHERE p.person_id BETWEEN %(first)s AND %(last)s ORDER BY p.person_id

-- name: stays
SELECT r.person_id, r.kind, r.unit_code, r.detail, r.unit_day, r.valid_from, r.valid_to
  FROM register.residence r WHERE r.person_id = ANY (%(ids)s) AND r.known_to IS NULL
 ORDER BY r.person_id, r.valid_from NULLS FIRST, r.kind

-- name: stays_between
SELECT r.person_id, r.kind, r.unit_code, r.detail, r.unit_day, r.valid_from, r.valid_to
  FROM register.residence r
 WHERE r.person_id BETWEEN %(first)s AND %(last)s AND r.known_to IS NULL
 ORDER BY r.person_id, r.valid_from NULLS FIRST, r.kind
