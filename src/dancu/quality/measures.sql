-- What each measure counts: one row a subject, which `run` adds up by unit, age and source, and of which the wrong ones
-- are the list to fix. numerator / denominator is the measure; of a measure of time there are days in their place.
-- %(day)s is the day of the measurement.

-- name: id_consistency
-- Digits 1-3 against the provinces of the place of registration in all eras, 4 against sex and century, 5-6 against the
-- year; a number stays when the facts were changed or corrected after it was given.
WITH places AS (
    SELECT u.code, n.place
      FROM reference.unit u
      JOIN reference.number_place n ON n.kind = 'province' AND n.unit_or_country = u.province_code
     UNION
    SELECT x.to_code, n.place
      FROM reference.unit_succession x
      JOIN reference.unit u ON u.code = x.from_code
      JOIN reference.number_place n ON n.kind = 'province' AND n.unit_or_country = u.province_code
)
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       c.consistent::integer AS numerator, 1 AS denominator, 0 AS variance, NOT c.consistent AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
  LEFT JOIN places l ON l.code = p.birth_registration_unit AND l.place = left(p.personal_number, 3)
 CROSS JOIN LATERAL (SELECT
       CASE WHEN (p.birth_registration_unit IS NULL OR l.place IS NOT NULL OR left(p.personal_number, 3) > '100')
             AND (p.sex = 0 OR substr(p.personal_number, 4, 1)::integer %% 2 = p.sex - 1)
             AND (p.born IS NULL OR p.born < 10000
                  OR p.born / 10000 = 1900 + substr(p.personal_number, 4, 1)::integer / 2 * 100
                                      + substr(p.personal_number, 5, 2)::integer)
            THEN true
            ELSE EXISTS (SELECT FROM register.event e WHERE e.person_id = p.person_id AND e.kind IN (4, 23)) END
       AS consistent) c
 WHERE s.living AND p.personal_number ~ '^[0-9]{12}$'

-- name: field_completeness
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       f.filled AS numerator, f.asked AS denominator, 0 AS variance, f.filled < f.asked AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
 CROSS JOIN LATERAL (SELECT
       3 * (p.given <> '')::integer + 3 * (coalesce(p.born, 0) %% 100 > 0)::integer + 3 * (p.sex IN (1, 2))::integer
       + 3 * (p.personal_number IS NOT NULL)::integer + 3 * (p.commune_code IS NOT NULL)::integer
       + (p.nationality <> '')::integer + (p.ethnicity > 0)::integer + (p.origin_unit IS NOT NULL)::integer
       + (p.birth_registration_unit IS NOT NULL)::integer
       + CASE WHEN s.age_group >= 15 THEN (p.marital > 0)::integer ELSE 0 END AS filled,
       19 + (s.age_group >= 15)::integer AS asked) f
 WHERE s.living

-- name: register_rules
-- The numerator counts violations: died before birth, born in the future, a mother who is a man or a father who is a
-- woman, a parent less than 12 years older, married below 15, a birth date that is none.
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       v.violations AS numerator, 1 AS denominator, 0 AS variance, v.violations > 0 AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
  LEFT JOIN register.person m ON m.person_id = p.mother_id
  LEFT JOIN register.person f ON f.person_id = p.father_id
 CROSS JOIN LATERAL (SELECT
       coalesce(p.died / 10000 < p.born / 10000 OR (p.born %% 100 > 0 AND p.died %% 100 > 0 AND p.died < p.born), false)::integer
       + coalesce(p.born / 10000 > extract(year FROM %(day)s::date), false)::integer
       + coalesce(m.sex = 1, false)::integer + coalesce(f.sex = 2, false)::integer
       + coalesce(p.born / 10000 - m.born / 10000 < 12, false)::integer
       + coalesce(p.born / 10000 - f.born / 10000 < 12, false)::integer
       + (p.marital = 2 AND s.age_group IN (0, 6))::integer
       + coalesce(p.born / 100 %% 100 > 12 OR p.born %% 100 > 31, false)::integer AS violations) v

-- name: reciprocity
-- Of each person: the spouse names him or her as spouse; each parent who is named by record stands and has the sex of a
-- parent; the household has just one head. Links to merged records lead on and are left out.
WITH heads AS (
    SELECT h.household_id, count(*) FILTER (WHERE h.relation = 1) AS heads
      FROM register.person h
     WHERE h.household_id IS NOT NULL AND h.status = 1
     GROUP BY h.household_id
)
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       l.good AS numerator, l.links AS denominator, 0 AS variance, l.good < l.links AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
  LEFT JOIN register.person w ON w.person_id = p.spouse_id
  LEFT JOIN register.person m ON m.person_id = p.mother_id
  LEFT JOIN register.person f ON f.person_id = p.father_id
  LEFT JOIN heads h ON h.household_id = p.household_id
 CROSS JOIN LATERAL (SELECT
       coalesce(w.spouse_id = p.person_id AND w.status IN (1, 4), false)::integer
       + coalesce(m.status < 5 AND m.sex <> 1, false)::integer
       + coalesce(f.status < 5 AND f.sex <> 2, false)::integer
       + coalesce(h.heads = 1, false)::integer AS good,
       (p.spouse_id IS NOT NULL AND coalesce(w.status, 0) <> 5)::integer
       + (p.mother_id IS NOT NULL AND coalesce(m.status, 0) <> 5)::integer
       + (p.father_id IS NOT NULL AND coalesce(f.status, 0) <> 5)::integer
       + (p.household_id IS NOT NULL)::integer AS links) l
 WHERE s.living AND l.links > 0

-- name: canonical_form
-- Eight forms: the name in NFC, without double or outer spaces, and not in capitals alone; sex, marital status,
-- ethnicity, nationality and commune from their lists.
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       c.good AS numerator, 8 AS denominator, 0 AS variance, c.good < 8 AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
  LEFT JOIN reference.country n ON n.alpha3 = p.nationality
  LEFT JOIN reference.ethnic_group e ON e.code = lpad((p.ethnicity %% 100)::text, 2, '0')
       AND e.scheme = CASE p.ethnicity / 100 WHEN 1 THEN 'tctk-1979' WHEN 2 THEN 'gso-census' END
  LEFT JOIN reference.unit u ON u.code = p.commune_code AND u.level = 'commune'
       AND u.valid_from <= %(day)s::date AND (u.valid_to IS NULL OR u.valid_to > %(day)s::date)
 CROSS JOIN LATERAL (SELECT concat_ws(' ', nullif(p.surname, ''), nullif(p.middle, ''), nullif(p.given, '')) AS name) w
 CROSS JOIN LATERAL (SELECT
       (w.name IS NFC NORMALIZED)::integer
       + (strpos(w.name, '  ') = 0 AND w.name = btrim(w.name))::integer
       + (length(p.given) < 2 OR p.given <> upper(p.given))::integer
       + (p.sex IN (0, 1, 2))::integer + (p.marital BETWEEN 0 AND 4)::integer
       + (p.ethnicity = 0 OR e.code IS NOT NULL)::integer
       + (p.nationality = '' OR n.alpha3 IS NOT NULL)::integer
       + (p.commune_code IS NULL OR u.code IS NOT NULL)::integer AS good) c
 WHERE s.living

-- name: duplicates_expected
-- Each open group of records that may be one person is expected to hold as many too many as the chances of all but the
-- first add up to.
SELECT s.person_id, s.province, s.unit, s.age_group, s.source, 0::double precision AS numerator, 1 AS denominator,
       0::double precision AS variance, false AS wrong
  FROM quality.subject s
 WHERE s.living
 UNION ALL
SELECT d.persons[1], coalesce(s.province, d.province_code, ''), coalesce(s.unit, ''), coalesce(s.age_group, -1::smallint),
       coalesce(s.source, ''), x.expected, 0, x.variance, x.expected > 0
  FROM intake.doubt d
 CROSS JOIN LATERAL (SELECT sum(c.chance)::double precision AS expected,
                            sum(c.chance * (1 - c.chance))::double precision AS variance
                       FROM unnest(d.scores[2:]) AS c (chance)) x
  LEFT JOIN quality.subject s ON s.person_id = d.persons[1]
 WHERE d.kind = 2 AND d.state IN ('waiting', 'proposed', 'decided', 'parked') AND x.expected IS NOT NULL

-- name: source_violations
SELECT NULL::bigint AS person_id, '' AS province, '' AS unit, -1::smallint AS age_group, b.source,
       0 AS numerator, b.records AS denominator, 0 AS variance, false AS wrong
  FROM intake.batch b
 WHERE b.state NOT IN ('reverted', 'superseded')
 UNION ALL
SELECT NULL, '', '', -1::smallint, b.source, 1, 0, 0, false
  FROM intake.finding f
  JOIN intake.batch b ON b.batch_id = f.batch_id
 WHERE b.state NOT IN ('reverted', 'superseded')

-- name: backlog
SELECT d.persons[1] AS person_id, coalesce(d.province_code, '') AS province, '' AS unit, -1::smallint AS age_group,
       coalesce(b.source, '') AS source, greatest(%(day)s::date - d.opened_at::date, 0) AS days,
       %(day)s::date - d.opened_at::date > 5 AS wrong
  FROM intake.doubt d
  LEFT JOIN intake.batch b ON b.batch_id = d.batch_id
 WHERE d.state IN ('waiting', 'proposed', 'parked')

-- name: latency
-- Days from the event to the register, of the acts of the last twelve months, loads of whole populations left out.
SELECT a.persons[1] AS person_id, coalesce(s.province, '') AS province, coalesce(s.unit, '') AS unit,
       coalesce(s.age_group, -1::smallint) AS age_group, coalesce(a.source, '') AS source, l.days, l.days > %(bar)s AS wrong
  FROM register.act a
  LEFT JOIN quality.subject s ON s.person_id = a.persons[1]
 CROSS JOIN LATERAL (SELECT CASE WHEN a.valid_on %% 100 > 0 THEN
       greatest((a.known_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
                - make_date(a.valid_on / 10000, a.valid_on / 100 %% 100, a.valid_on %% 100), 0) END AS days) l
 WHERE a.kind = %(kind)s AND a.known_at >= %(day)s::date - 365 AND a.known_at < %(day)s::date + 1
   AND l.days < 36500

-- name: source_freshness
SELECT NULL::bigint AS person_id, '' AS province, '' AS unit, -1::smallint AS age_group, o.source,
       (%(day)s::date - o.last_on <= o.lag_days)::integer AS numerator, 1 AS denominator, 0 AS variance, false AS wrong
  FROM (SELECT b.source, max(b.received_at)::date AS last_on, max(coalesce(q.lag_days, 31)) AS lag_days
          FROM intake.batch b
          LEFT JOIN quality.source q ON q.source = b.source
         WHERE b.state IN ('applied', 'reconciled')
         GROUP BY b.source) o

-- name: source_age
SELECT NULL::bigint AS person_id, '' AS province, '' AS unit, -1::smallint AS age_group, b.source,
       greatest(%(day)s::date - max(b.received_at)::date, 0) AS days, false AS wrong
  FROM intake.batch b
 WHERE b.state IN ('applied', 'reconciled')
 GROUP BY b.source

-- name: records_applied
SELECT NULL::bigint AS person_id, '' AS province, '' AS unit, -1::smallint AS age_group, b.source,
       CASE WHEN b.state IN ('applied', 'reconciled') THEN b.records ELSE 0 END AS numerator, b.records AS denominator,
       0 AS variance, false AS wrong
  FROM intake.batch b
 WHERE b.state NOT IN ('reverted', 'superseded', 'refused')

-- name: source_agreement
-- Of the fields that sources told of somebody known and that the register has: those that say the same. Sensitive ones
-- that differ are sealed, and count as one.
SELECT c.person_id, coalesce(s.province, '') AS province, coalesce(s.unit, '') AS unit,
       coalesce(s.age_group, -1::smallint) AS age_group, b.source, a.agreeing AS numerator,
       a.agreeing + a.differing AS denominator, 0 AS variance,
       a.differing > 0 AND coalesce(s.living, false) AS wrong
  FROM intake.claim c
  JOIN intake.batch b ON b.batch_id = c.batches[1] AND b.state NOT IN ('reverted', 'superseded')
  LEFT JOIN quality.subject s ON s.person_id = c.person_id
 CROSS JOIN LATERAL (SELECT
       bit_count(c.agrees::bit(32)) AS agreeing,
       (SELECT count(*) FROM json_object_keys(coalesce(c.differs, '{}')) AS k (name)) + (c.sealed IS NOT NULL)::integer
       AS differing) a

-- name: signs_of_life
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       coalesce(s.last_sign > %(day)s::date - %(days)s::integer, false)::integer AS numerator, 1 AS denominator, 0 AS variance,
       (s.last_sign > %(day)s::date - %(days)s::integer) IS NOT TRUE AS wrong
  FROM quality.subject s
 WHERE s.living

-- name: over_coverage
-- 1 - the mean residency index: from 1 when the record came, each year R' = d * R + g * (any sign).
SELECT s.person_id, s.province, s.unit, s.age_group, s.source, 1 - r.residency AS numerator, 1 AS denominator,
       r.residency * (1 - r.residency) AS variance, r.residency < %(cut)s AS wrong
  FROM quality.subject s
 CROSS JOIN LATERAL (SELECT least(power(%(keeps)s::double precision, s.years_known) + %(gains)s::double precision
       * ((s.sign_years & 1) + (s.sign_years >> 1 & 1) * power(%(keeps)s::double precision, 1)
          + (s.sign_years >> 2 & 1) * power(%(keeps)s::double precision, 2)
          + (s.sign_years >> 3 & 1) * power(%(keeps)s::double precision, 3)
          + (s.sign_years >> 4 & 1) * power(%(keeps)s::double precision, 4)
          + (s.sign_years >> 5 & 1) * power(%(keeps)s::double precision, 5)
          + (s.sign_years >> 6 & 1) * power(%(keeps)s::double precision, 6)
          + (s.sign_years >> 7 & 1) * power(%(keeps)s::double precision, 7)), 1) AS residency) r
 WHERE s.living

-- name: very_old
SELECT s.person_id, s.province, s.unit, s.age_group, s.source,
       coalesce(s.last_sign > %(day)s::date - 730, false)::integer AS numerator, 1 AS denominator, 0 AS variance,
       (s.last_sign > %(day)s::date - 730) IS NOT TRUE AS wrong
  FROM quality.subject s
  JOIN register.person p ON p.person_id = s.person_id
 WHERE s.living AND extract(year FROM %(day)s::date) - p.born / 10000 > 100

-- name: deaths_not_applied
-- Records of sources that tell of deaths and wait for a clerk, against the living.
SELECT s.person_id, s.province, s.unit, s.age_group, s.source, 0 AS numerator, 1 AS denominator, 0 AS variance,
       false AS wrong
  FROM quality.subject s
 WHERE s.living
 UNION ALL
SELECT q.candidates[1], coalesce(s.province, ''), coalesce(s.unit, ''), coalesce(s.age_group, -1::smallint), b.source, 1, 0, 0,
       coalesce(s.living, false)
  FROM intake.queued q
  JOIN intake.batch b ON b.batch_id = q.batch_id
  LEFT JOIN quality.subject s ON s.person_id = q.candidates[1]
 WHERE q.settled_at IS NULL AND b.state NOT IN ('reverted', 'superseded') AND b.mapping::text LIKE '%%"died_on"%%'
