-- Counts. Persons and cells come as columns, many at a time.

-- name: counted
SELECT c.person_id, c.due_on, c.born_year, c.sex, c.abode, c.permanent, c.temporary
  FROM stats.counted c WHERE c.person_id = ANY (%(ids)s)

-- name: counted_between
SELECT c.person_id, c.due_on, c.born_year, c.sex, c.abode, c.permanent, c.temporary
  FROM stats.counted c WHERE c.person_id BETWEEN %(first)s AND %(last)s

-- name: count_persons
INSERT INTO stats.counted AS c (person_id, due_on, born_year, sex, abode, permanent, temporary)
SELECT n.person_id, n.due_on, n.born_year, n.sex, n.abode, n.permanent, n.temporary
  FROM unnest(%(person_id)s::bigint[], %(due_on)s::date[], %(born_year)s::smallint[],
              %(sex)s::smallint[], %(abode)s::text[], %(permanent)s::text[], %(temporary)s::text[])
    AS n (person_id, due_on, born_year, sex, abode, permanent, temporary)
ON CONFLICT (person_id) DO UPDATE
   SET due_on = excluded.due_on, born_year = excluded.born_year, sex = excluded.sex,
       abode = excluded.abode, permanent = excluded.permanent, temporary = excluded.temporary

-- name: add
INSERT INTO stats.population AS p (unit, base, sex, born_year, persons)
SELECT n.unit, n.base, n.sex, n.born_year, n.persons
  FROM unnest(%(unit)s::text[], %(base)s::smallint[], %(sex)s::smallint[], %(born_year)s::smallint[],
              %(persons)s::bigint[]) AS n (unit, base, sex, born_year, persons)
ON CONFLICT (unit, base, sex, born_year) DO UPDATE SET persons = p.persons + excluded.persons

-- name: due
SELECT c.person_id FROM stats.counted c WHERE c.due_on <= %(today)s ORDER BY c.due_on LIMIT %(most)s

-- name: lead
-- One counter works; others stand by, and so does a repair.
SELECT pg_try_advisory_lock(1684108132)

-- name: loading
SELECT EXISTS (SELECT FROM register.deferred_index)

-- name: forget
DELETE FROM stats.counted WHERE person_id = ANY (%(ids)s)

-- name: population
SELECT p.unit, p.sex, p.born_year, p.persons
  FROM stats.population p
 WHERE p.base = %(base)s AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s)) AND p.persons <> 0
 ORDER BY p.unit, p.sex, p.born_year

-- name: place
SELECT p.sequence, p.within FROM stats.place p WHERE p.subscriber = 'population'

-- name: differing_cells
-- Cells that are not the sum of the persons counted in them: (cell, what it says, what it should).
SELECT x.unit, x.base, x.sex, x.born_year, sum(x.says)::bigint, sum(x.should)::bigint
  FROM (SELECT p.unit, p.base, p.sex, p.born_year, p.persons AS says, 0::bigint AS should FROM stats.population p
         UNION ALL
        SELECT u.unit, u.base, c.sex, c.born_year, 0, count(*)
          FROM stats.counted c
         CROSS JOIN LATERAL (VALUES (c.abode, 1::smallint), (c.permanent, 2::smallint), (c.temporary, 3::smallint))
               AS u (unit, base)
         WHERE u.unit IS NOT NULL
         GROUP BY u.unit, u.base, c.sex, c.born_year) x
 GROUP BY x.unit, x.base, x.sex, x.born_year
HAVING sum(x.says) <> sum(x.should)
 ORDER BY x.unit, x.base, x.sex, x.born_year

-- name: waiting
-- Persons with events that the counter has not taken yet: in entries after its place, and in acts that wait.
SELECT f.person_id
  FROM register.feed f
 WHERE f.sequence > %(sequence)s AND f.person_id IS NOT NULL
 UNION
SELECT u.person_id
  FROM register.act a
 CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)
 WHERE a.act_id IN (SELECT f.act_id FROM register.feed f WHERE f.sequence > %(sequence)s AND f.person_id IS NULL
                     UNION ALL SELECT o.act_id FROM register.outbox o)
