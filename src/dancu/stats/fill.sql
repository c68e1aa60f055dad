-- The first count of everybody, set-based: the twin of cells.counted, held to it by tests and by recount.

-- name: nobody_is_counted
SELECT NOT EXISTS (SELECT FROM stats.counted) AND (SELECT count(*) FROM (SELECT FROM register.person LIMIT %(few)s) p) >= %(few)s

-- name: more_memory
SET LOCAL work_mem = '256MB'

-- name: places
SELECT DISTINCT r.unit_code, r.unit_day FROM register.residence r WHERE r.known_to IS NULL

-- name: count_persons
-- All whose places are told by their units; of the others the addresses must decide.
WITH place AS (
    SELECT u.unit_code, u.unit_day, u.unit, u.decided
      FROM unnest(%(unit_code)s::text[], %(unit_day)s::date[], %(unit)s::text[], %(decided)s::smallint[])
        AS u (unit_code, unit_day, unit, decided)
), stay AS (
    SELECT r.person_id, r.kind, r.detail, r.unit_code, r.unit_day, r.valid_from,
           (r.valid_from IS NULL OR r.valid_from <= %(today)s) AND (r.valid_to IS NULL OR r.valid_to > %(today)s) AS covers,
           least(CASE WHEN r.valid_from > %(today)s THEN r.valid_from END,
                 CASE WHEN r.valid_to > %(today)s THEN r.valid_to END) AS due_on
      FROM register.residence r
     WHERE r.known_to IS NULL
), person_stay AS (
    SELECT s.person_id, min(s.due_on) AS due_on,
           bool_or(s.covers AND s.detail <> '' AND l.decided = 0) AS open,
           (array_agg(l.unit ORDER BY s.valid_from DESC NULLS LAST) FILTER (WHERE s.covers AND s.kind = 1))[1] AS permanent,
           (array_agg(l.unit ORDER BY s.valid_from DESC NULLS LAST) FILTER (WHERE s.covers AND s.kind = 2))[1] AS temporary,
           (array_agg(l.unit ORDER BY s.valid_from DESC NULLS LAST) FILTER (WHERE s.covers AND s.kind = 3))[1] AS declared
      FROM stay s
      JOIN place l ON l.unit_code = s.unit_code AND l.unit_day = s.unit_day
     GROUP BY s.person_id
)
INSERT INTO stats.counted (person_id, due_on, born_year, sex, abode, permanent, temporary)
SELECT p.person_id, CASE WHEN c.counts THEN s.due_on END, coalesce(p.born / 10000, 0), p.sex,
       CASE WHEN c.counts THEN coalesce(s.declared, s.temporary, s.permanent, '') END,
       CASE WHEN c.counts THEN s.permanent END, CASE WHEN c.counts THEN s.temporary END
  FROM register.person p
 CROSS JOIN LATERAL (SELECT p.status = ANY (%(counting)s::smallint[]) AS counts) c
  LEFT JOIN person_stay s ON s.person_id = p.person_id
 WHERE NOT (c.counts AND coalesce(s.open, false))

-- name: count_cells
INSERT INTO stats.population (unit, base, sex, born_year, persons)
SELECT u.unit, u.base, c.sex, c.born_year, count(*)
  FROM stats.counted c
 CROSS JOIN LATERAL (VALUES (c.abode, 1::smallint), (c.permanent, 2::smallint), (c.temporary, 3::smallint))
       AS u (unit, base)
 WHERE u.unit IS NOT NULL
 GROUP BY u.unit, u.base, c.sex, c.born_year

-- name: left_open
SELECT p.person_id FROM register.person p LEFT JOIN stats.counted c ON c.person_id = p.person_id
 WHERE c.person_id IS NULL
