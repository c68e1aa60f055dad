-- Samples for clerical checks. Whoever draws sees as far as his or her scope; the hash by the seed is the lot.

-- name: take_time
SET LOCAL statement_timeout = '120s'

-- name: strata_of_persons
SELECT concat(coalesce(p.province_code, ''), '/', quality.age_group(p.born, %(day)s::date)), count(*)
  FROM register.person p
 WHERE p.status IN (1, 4)
 GROUP BY 1
 ORDER BY 1

-- name: draw_persons
SELECT d.person_id, d.stratum, d.province, d.unit, NULL::bigint AS batch_id, NULL::integer AS record, NULL::real AS score
  FROM (SELECT p.person_id, s.stratum, coalesce(p.province_code, '') AS province, s.drawn,
               coalesce(p.commune_code, p.province_code, '') AS unit,
               row_number() OVER (PARTITION BY s.stratum
                                  ORDER BY hashint8extended(p.person_id, %(seed)s), p.person_id) AS place
          FROM register.person p
          JOIN unnest(%(stratum)s::text[], %(drawn)s::integer[]) AS s (stratum, drawn)
               ON s.stratum = concat(coalesce(p.province_code, ''), '/', quality.age_group(p.born, %(day)s::date))
         WHERE p.status IN (1, 4)) d
 WHERE d.place <= d.drawn
 ORDER BY d.stratum, d.place

-- name: strata_of_links
SELECT l.stratum, count(*)
  FROM (SELECT CASE WHEN k.decision = 1 THEN 'created ' ELSE '' END
               || CASE WHEN k.score IS NULL OR k.score = 'NaN' THEN 'unscored' WHEN k.score < 0.01 THEN '0.00'
                       WHEN k.score < 0.05 THEN '0.01' WHEN k.score < 0.9 THEN '0.05' WHEN k.score < 0.99 THEN '0.90'
                       WHEN k.score < 0.999 THEN '0.99' ELSE '0.999' END AS stratum
          FROM quality.links() k
          JOIN register.person p ON p.person_id = k.person_id) l
 GROUP BY l.stratum
 ORDER BY l.stratum

-- name: draw_links
SELECT d.person_id, d.stratum, d.province, d.unit, d.batch_id, d.record, d.score
  FROM (SELECT l.person_id, l.stratum, l.province, l.unit, l.batch_id, l.record, l.score, s.drawn,
               row_number() OVER (PARTITION BY l.stratum
                                  ORDER BY hashint8extended(l.batch_id # l.record, %(seed)s), l.batch_id, l.record) AS place
          FROM (SELECT k.person_id, k.batch_id, k.record, k.score, coalesce(p.province_code, '') AS province,
                       coalesce(p.commune_code, p.province_code, '') AS unit,
                       CASE WHEN k.decision = 1 THEN 'created ' ELSE '' END
                       || CASE WHEN k.score IS NULL OR k.score = 'NaN' THEN 'unscored' WHEN k.score < 0.01 THEN '0.00'
                               WHEN k.score < 0.05 THEN '0.01' WHEN k.score < 0.9 THEN '0.05'
                               WHEN k.score < 0.99 THEN '0.90' WHEN k.score < 0.999 THEN '0.99'
                               ELSE '0.999' END AS stratum
                  FROM quality.links() k
                  JOIN register.person p ON p.person_id = k.person_id) l
          JOIN unnest(%(stratum)s::text[], %(drawn)s::integer[]) AS s (stratum, drawn) ON s.stratum = l.stratum) d
 WHERE d.place <= d.drawn
 ORDER BY d.stratum, d.place

-- name: put_sample
INSERT INTO quality.sample (sample_id, seed, drawn_by, dossier_id, drawn_at, doubled, kind, province)
VALUES (%(sample_id)s, %(seed)s, %(drawn_by)s, %(dossier_id)s, %(drawn_at)s, %(doubled)s, %(kind)s, %(province)s)

-- name: put_strata
INSERT INTO quality.stratum (sample_id, stratum, population, drawn)
SELECT %(sample_id)s, n.stratum, n.population, n.drawn
  FROM unnest(%(stratum)s::text[], %(population)s::bigint[], %(drawn)s::integer[]) AS n (stratum, population, drawn)

-- name: put_items
INSERT INTO quality.item (sample_id, item, person_id, batch_id, record, score, doubled, stratum, province, unit)
SELECT %(sample_id)s, n.item, n.person_id, n.batch_id, n.record, n.score, n.doubled, n.stratum, n.province, n.unit
  FROM unnest(%(item)s::integer[], %(person_id)s::bigint[], %(batch_id)s::bigint[], %(record)s::integer[],
              %(score)s::real[], %(doubled)s::boolean[], %(stratum)s::text[], %(province)s::text[], %(unit)s::text[])
    AS n (item, person_id, batch_id, record, score, doubled, stratum, province, unit)

-- name: samples
SELECT s.sample_id, s.kind, s.province, s.seed, s.drawn_by, s.drawn_at, s.doubled,
       (SELECT count(*) FROM quality.item i WHERE i.sample_id = s.sample_id) AS items,
       (SELECT count(DISTINCT f.item) FROM quality.finding f WHERE f.sample_id = s.sample_id AND f.part = 1) AS checked
  FROM quality.sample s
 WHERE %(sample_id)s::bigint IS NULL OR s.sample_id = %(sample_id)s
 ORDER BY s.drawn_at DESC, s.sample_id
 LIMIT 100

-- name: items_of_sample
-- Who is drawn, as they stand now, and what was found; masked and moved records come without their facts.
SELECT i.item, i.person_id, i.stratum, i.doubled, i.batch_id, i.record, i.score, p.surname, p.middle, p.given, p.born,
       p.sex, p.personal_number, p.province_code, p.commune_code, b.source,
       ARRAY(SELECT f.field FROM quality.finding f WHERE f.sample_id = i.sample_id AND f.item = i.item ORDER BY f.part, f.field)
       AS fields,
       ARRAY(SELECT f.answer FROM quality.finding f WHERE f.sample_id = i.sample_id AND f.item = i.item ORDER BY f.part, f.field)
       AS answers,
       ARRAY(SELECT f.officer_id FROM quality.finding f WHERE f.sample_id = i.sample_id AND f.item = i.item ORDER BY f.part, f.field)
       AS officers,
       ARRAY(SELECT f.part FROM quality.finding f WHERE f.sample_id = i.sample_id AND f.item = i.item ORDER BY f.part, f.field)
       AS parts
  FROM quality.item i
  LEFT JOIN register.person p ON p.person_id = i.person_id
  LEFT JOIN intake.batch b ON b.batch_id = i.batch_id
 WHERE i.sample_id = %(sample_id)s AND (%(item)s::integer IS NULL OR i.item = %(item)s)
 ORDER BY i.item
 LIMIT 10000

-- name: put_finding
INSERT INTO quality.finding (sample_id, item, field, part, answer, officer_id, dossier_id, found_at)
VALUES (%(sample_id)s, %(item)s, %(field)s, %(part)s, %(answer)s, %(officer_id)s, %(dossier_id)s, %(found_at)s)

-- name: last_samples
-- The last sample of a kind of each place of which anything was checked.
SELECT DISTINCT ON (s.province) s.sample_id, s.province
  FROM quality.sample s
 WHERE s.kind = %(kind)s AND EXISTS (SELECT FROM quality.finding f WHERE f.sample_id = s.sample_id)
 ORDER BY s.province, s.drawn_at DESC, s.sample_id DESC

-- name: checked
-- By stratum: how many there are, how many could be checked, and how many were right. What two clerks found
-- differently is counted as not checkable.
SELECT s.stratum, s.population, count(a.answer) FILTER (WHERE a.answer IN (1, 2))::integer,
       count(a.answer) FILTER (WHERE a.answer = 1)::integer
  FROM quality.stratum s
  LEFT JOIN (SELECT i.stratum, f.answer
               FROM quality.item i
               JOIN quality.finding f ON f.sample_id = i.sample_id AND f.item = i.item AND f.part = 1
                    AND f.field = ANY (%(fields)s)
               LEFT JOIN quality.finding g ON g.sample_id = f.sample_id AND g.item = f.item AND g.field = f.field
                    AND g.part = 2
              WHERE i.sample_id = %(sample_id)s AND (g.answer IS NULL OR g.answer = f.answer)) a
         ON a.stratum = s.stratum
 WHERE s.sample_id = %(sample_id)s
 GROUP BY s.stratum, s.population
 ORDER BY s.stratum

-- name: checked_twice
SELECT f.field, f.answer, g.answer
  FROM quality.finding f
  JOIN quality.finding g ON g.sample_id = f.sample_id AND g.item = f.item AND g.field = f.field AND g.part = 2
 WHERE f.sample_id = %(sample_id)s AND f.part = 1
 ORDER BY f.item, f.field
