-- Measuring, and reading what was measured.

-- name: loading
SELECT EXISTS (SELECT FROM register.deferred_index)

-- name: lead
-- One at a time measures.
SELECT pg_try_advisory_lock(1684108147)

-- name: empty_subjects
TRUNCATE quality.subject

-- name: fill_subjects
-- Signs of life: acts in which the person took part, stays, records of independent sources. What happens to a record
-- without the person is none: deaths, merges, expiry, a first load.
INSERT INTO quality.subject (person_id, last_sign, years_known, sign_years, age_group, living, province, unit, source)
SELECT p.person_id, s.last_sign,
       least(greatest(floor((%(day)s::date - coalesce(o.known_on, p.known_at::date)) / 365.25), 0), 8)::smallint,
       coalesce(s.years, 0)::smallint,
       quality.age_group(p.born, %(day)s::date),
       p.status IN (1, 4), coalesce(p.province_code, ''), coalesce(p.commune_code, p.province_code, ''),
       coalesce(o.source, '')
  FROM register.person p
  LEFT JOIN (SELECT u.person_id, min(a.source) AS source, min(a.known_at)::date AS known_on
               FROM register.act a
              CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)
              WHERE a.kind = 1
              GROUP BY u.person_id) o ON o.person_id = p.person_id
  LEFT JOIN (SELECT m.person_id, max(m.met_on) AS last_sign,
                    bit_or(1 << least((%(day)s::date - m.met_on) / 365, 8)) & 255 AS years
               FROM (SELECT e.person_id, e.known_at::date AS met_on
                       FROM register.event e
                      WHERE e.kind IN (2, 6, 8, 14, 16, 18, 19, 21, 23, 27, 28, 30, 31, 32, 33, 35, 39, 40)
                      UNION ALL
                     SELECT n.person_id, n.night
                       FROM register.stay_notice n
                      WHERE n.person_id IS NOT NULL
                      UNION ALL
                     SELECT u.person_id, b.received_at::date
                       FROM intake.batch b
                       JOIN quality.source q ON q.source = b.source AND q.independent
                       JOIN intake.chunk c ON c.batch_id = b.batch_id AND c.applied
                      CROSS JOIN LATERAL unnest(c.persons, c.decisions) AS u (person_id, decision)
                      WHERE b.state NOT IN ('reverted', 'superseded') AND u.decision IN (1, 2, 3)) m
              WHERE m.met_on BETWEEN %(day)s::date - 2920 AND %(day)s::date
              GROUP BY m.person_id) s ON s.person_id = p.person_id
 WHERE p.status NOT IN (5, 6)

-- name: analyze_subjects
ANALYZE quality.subject

-- name: done
SELECT r.measure FROM quality.run r WHERE r.day = %(day)s

-- name: forget_runs
DELETE FROM quality.run WHERE day = %(day)s AND measure = ANY (%(measures)s)

-- name: note_run
INSERT INTO quality.run AS r (day, measure, finished_at, seconds)
VALUES (%(day)s, %(measure)s, %(now)s, %(seconds)s)
ON CONFLICT (day, measure) DO UPDATE SET finished_at = excluded.finished_at, seconds = excluded.seconds

-- name: clear_cells
DELETE FROM quality.cell WHERE measure = %(measure)s

-- name: clear_list
DELETE FROM quality.to_fix WHERE measure = %(measure)s

-- name: clear_values
DELETE FROM quality.value WHERE measure = %(measure)s AND day = %(day)s

-- name: add_cells
-- Cells that were not counted by SQL, as columns.
INSERT INTO quality.cell (measure, province, unit, age_group, source, numerator, denominator, variance, subjects)
SELECT %(measure)s, n.province, n.province, n.age_group, n.source, n.numerator, n.denominator, 0, n.subjects
  FROM unnest(%(province)s::text[], %(age_group)s::smallint[], %(source)s::text[], %(numerator)s::float8[],
              %(denominator)s::float8[], %(subjects)s::bigint[])
    AS n (province, age_group, source, numerator, denominator, subjects)

-- name: sums
-- Of a measure: the nation and each province, altogether, by age group, and by source. -2 and * stand for all.
SELECT coalesce(c.province, '') AS province,
       CASE WHEN grouping(c.age_group) = 1 THEN -2 ELSE c.age_group END::smallint AS age_group,
       CASE WHEN grouping(c.source) = 1 THEN '*' ELSE c.source END AS source,
       sum(c.numerator), sum(c.denominator), sum(c.variance), sum(c.subjects)::bigint
  FROM quality.cell c
 WHERE c.measure = %(measure)s
 GROUP BY GROUPING SETS ((), (c.age_group), (c.source), (c.province), (c.province, c.age_group), (c.province, c.source))
HAVING NOT (grouping(c.province) = 0 AND c.province = '')

-- name: histograms
SELECT coalesce(c.province, '') AS province,
       CASE WHEN grouping(c.age_group) = 1 THEN -2 ELSE c.age_group END::smallint AS age_group,
       CASE WHEN grouping(c.source) = 1 THEN '*' ELSE c.source END AS source, c.days, sum(c.subjects)::bigint
  FROM quality.cell c
 WHERE c.measure = %(measure)s
 GROUP BY GROUPING SETS ((c.days), (c.age_group, c.days), (c.source, c.days), (c.province, c.days),
                         (c.province, c.age_group, c.days), (c.province, c.source, c.days))
HAVING NOT (grouping(c.province) = 0 AND c.province = '')

-- name: add_values
INSERT INTO quality.value (day, measure, province, age_group, source, numerator, denominator, value, low, high, middle,
                           subjects)
SELECT %(day)s, %(measure)s, n.province, n.age_group, n.source, n.numerator, n.denominator, n.value, n.low, n.high,
       n.middle, n.subjects
  FROM unnest(%(province)s::text[], %(age_group)s::smallint[], %(source)s::text[], %(numerator)s::float8[],
              %(denominator)s::float8[], %(value)s::float8[], %(low)s::float8[], %(high)s::float8[],
              %(middle)s::float8[], %(subjects)s::bigint[])
    AS n (province, age_group, source, numerator, denominator, value, low, high, middle, subjects)

-- name: lists
-- For the dual system, by province, age and independent source: the register without what this source brought (n1),
-- the source's list (n2), and whom both have (m).
SELECT s.province, s.age_group, q.source,
       count(*) FILTER (WHERE s.source <> q.source)::float8,
       count(t.person_id)::float8,
       count(t.person_id) FILTER (WHERE s.source <> q.source)::float8
  FROM quality.subject s
 CROSS JOIN quality.source q
  LEFT JOIN (SELECT DISTINCT b.source, u.person_id
               FROM intake.batch b
               JOIN intake.chunk c ON c.batch_id = b.batch_id AND c.applied
              CROSS JOIN LATERAL unnest(c.persons, c.decisions) AS u (person_id, decision)
              WHERE b.state NOT IN ('reverted', 'superseded') AND u.decision IN (1, 2, 3)) t
         ON t.person_id = s.person_id AND t.source = q.source
 WHERE s.living AND q.independent
 GROUP BY s.province, s.age_group, q.source

-- name: events_of_year
-- Registered births or deaths of a year by province, and how many demography expects.
WITH seen AS (
    SELECT coalesce(p.province_code, '') AS province, count(*)::float8 AS events
      FROM register.person p
     WHERE p.status NOT IN (5, 6)
       AND CASE WHEN %(event)s = 'birth' THEN p.born / 10000 ELSE p.died / 10000 END = %(year)s
     GROUP BY 1
), counted AS (
    SELECT u.province_code AS province, sum(p.persons)::float8 AS persons
      FROM stats.population p
      JOIN reference.unit u ON u.code = p.unit AND u.level IN ('commune', 'province')
           AND u.valid_from <= %(day)s::date AND (u.valid_to IS NULL OR u.valid_to > %(day)s::date)
     WHERE p.base = 1
     GROUP BY 1
)
SELECT e.province,
       coalesce((SELECT sum(s.events) FROM seen s WHERE e.province IN ('', s.province)), 0)::float8,
       coalesce(e.persons, e.rate_per_1000 / 1000
                * (SELECT sum(c.persons) FROM counted c WHERE e.province IN ('', c.province)))::float8
  FROM quality.expectation e
 WHERE e.event = %(event)s AND e.year = %(year)s

-- name: put_source
INSERT INTO quality.source AS s (source, independent, lag_days)
VALUES (%(source)s, %(independent)s, %(lag_days)s)
ON CONFLICT (source) DO UPDATE SET independent = excluded.independent, lag_days = excluded.lag_days

-- name: put_expectation
INSERT INTO quality.expectation AS e (event, year, province, persons, rate_per_1000, origin)
VALUES (%(event)s, %(year)s, %(province)s, %(persons)s, %(rate_per_1000)s, %(origin)s)
ON CONFLICT (event, year, province) DO UPDATE
   SET persons = excluded.persons, rate_per_1000 = excluded.rate_per_1000, origin = excluded.origin

-- name: last_day
SELECT max(r.day) FROM quality.run r

-- name: board
-- The last value of each measure in a place, of all ages and sources.
SELECT DISTINCT ON (v.measure)
       v.day, v.measure, v.province, v.age_group, v.source, v.numerator, v.denominator, v.value, v.low, v.high, v.middle,
       v.subjects
  FROM quality.value v
 WHERE v.province = %(province)s AND v.age_group = -2 AND v.source = '*' AND v.day > %(since)s::date
 ORDER BY v.measure, v.day DESC

-- name: parts_of
-- The last values of a measure by place, age and source.
SELECT DISTINCT ON (v.province, v.age_group, v.source)
       v.day, v.measure, v.province, v.age_group, v.source, v.numerator, v.denominator, v.value, v.low, v.high, v.middle,
       v.subjects
  FROM quality.value v
 WHERE v.measure = %(measure)s AND v.day > %(since)s::date
   AND (%(province)s::text IS NULL OR v.province = %(province)s)
 ORDER BY v.province, v.age_group, v.source, v.day DESC

-- name: trend_of
SELECT v.measure, v.province, v.day, v.value
  FROM quality.value v
 WHERE (%(measures)s::text[] IS NULL OR v.measure = ANY (%(measures)s))
   AND (%(province)s::text IS NULL OR v.province = %(province)s)
   AND v.age_group = -2 AND v.source = '*' AND v.day > %(since)s::date
 ORDER BY v.measure, v.province, v.day

-- name: cells_by_unit
SELECT c.unit, sum(c.numerator), sum(c.denominator), sum(c.variance), sum(c.subjects)::bigint
  FROM quality.cell c
 WHERE c.measure = %(measure)s AND c.province = %(province)s AND c.unit <> ''
 GROUP BY c.unit
 ORDER BY c.unit

-- name: cells
SELECT c.province, c.unit, c.age_group, c.source, c.days, c.numerator, c.denominator, c.subjects
  FROM quality.cell c
 WHERE c.measure = %(measure)s
 ORDER BY c.province, c.unit, c.age_group, c.source, c.days

-- name: to_fix_by_unit
SELECT t.province, t.unit, count(*)
  FROM quality.to_fix t
 WHERE t.measure = %(measure)s AND (%(province)s::text IS NULL OR t.province = %(province)s)
 GROUP BY t.province, t.unit
 ORDER BY count(*) DESC, t.unit
 LIMIT 500

-- name: to_fix
-- Only who the caller may see, as they stand now.
SELECT p.person_id, p.surname, p.middle, p.given, p.born, p.sex, p.personal_number, p.province_code, p.commune_code
  FROM quality.to_fix t
  JOIN register.person p ON p.person_id = t.person_id
 WHERE t.measure = %(measure)s AND t.person_id > %(after)s
   AND (%(place)s = '' OR t.province = %(place)s OR t.unit = %(place)s)
   AND (%(age_group)s::smallint IS NULL OR t.age_group = %(age_group)s)
   AND (%(source)s::text IS NULL OR t.source = %(source)s)
 ORDER BY t.person_id
 LIMIT %(most)s
