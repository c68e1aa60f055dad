-- A source's full list (there) against whom the register knows from it (here), in DuckDB.

-- name: by_number
CREATE TABLE pair AS
SELECT t.record, h.person_id, 'personal_number' AS found_by
  FROM there t JOIN here h ON h.personal_number = t.personal_number
 QUALIFY row_number() OVER (PARTITION BY h.person_id ORDER BY t.record) = 1

-- name: by_old_number
INSERT INTO pair
SELECT t.record, h.person_id, 'cmnd9'
  FROM there t JOIN here h ON h.cmnd9 = t.cmnd9 AND (h.name_key = t.name_key OR h.born = t.born)
 WHERE t.record NOT IN (SELECT record FROM pair) AND h.person_id NOT IN (SELECT person_id FROM pair)
   AND (t.personal_number IS NULL OR h.personal_number IS NULL)
 QUALIFY count(*) OVER (PARTITION BY t.record) = 1 AND count(*) OVER (PARTITION BY h.person_id) = 1

-- name: by_name
INSERT INTO pair
SELECT t.record, h.person_id, 'name and birth date'
  FROM there t JOIN here h ON h.name_key = t.name_key AND h.born = t.born
 WHERE t.born % 100 > 0
   AND t.record NOT IN (SELECT record FROM pair) AND h.person_id NOT IN (SELECT person_id FROM pair)
   AND (t.personal_number IS NULL OR h.personal_number IS NULL)
 QUALIFY count(*) OVER (PARTITION BY t.record) = 1 AND count(*) OVER (PARTITION BY h.person_id) = 1

-- name: differences
CREATE TABLE difference AS
SELECT p.record, p.person_id, d.field, d.there, d.here
  FROM pair p
  JOIN there t ON t.record = p.record
  JOIN here h ON h.person_id = p.person_id
 CROSS JOIN LATERAL (VALUES
       ('personal_number', t.personal_number, h.personal_number),
       ('cmnd9', t.cmnd9, h.cmnd9),
       ('name', CASE WHEN t.name_key <> h.name_key
                     THEN concat_ws(' ', t.surname, t.middle, t.given) END,
                concat_ws(' ', nullif(h.surname, ''), nullif(h.middle, ''), nullif(h.given, ''))),
       ('born', t.born::VARCHAR, h.born::VARCHAR),
       ('sex', nullif(t.sex, 0)::VARCHAR, nullif(h.sex, 0)::VARCHAR),
       ('ethnicity', nullif(t.ethnicity, 0)::VARCHAR, nullif(h.ethnicity, 0)::VARCHAR),
       ('nationality', t.nationality, nullif(h.nationality, '')),
       ('died', t.died_on::VARCHAR, coalesce(h.died::VARCHAR, 'alive'))) AS d (field, there, here)
 WHERE d.there IS NOT NULL AND d.here IS NOT NULL AND d.there <> d.here

-- name: counts
SELECT (SELECT count(*) FROM there), (SELECT count(*) FROM here),
       (SELECT count(*) FROM pair WHERE record NOT IN (SELECT record FROM difference)),
       (SELECT count(DISTINCT record) FROM difference),
       (SELECT count(*) FROM here WHERE person_id NOT IN (SELECT person_id FROM pair)),
       (SELECT count(*) FROM there WHERE record NOT IN (SELECT record FROM pair))

-- name: only_here
SELECT h.personal_number, h.cmnd9, concat_ws(' ', nullif(h.surname, ''), nullif(h.middle, ''), nullif(h.given, ''))
       AS name, h.born, h.sex, h.status
  FROM here h
 WHERE h.person_id NOT IN (SELECT person_id FROM pair)
 ORDER BY h.personal_number, h.name_key, h.born

-- name: only_there
SELECT t.record, t.first_line AS line, t.source_key, t.personal_number, t.cmnd9,
       concat_ws(' ', t.surname, t.middle, t.given) AS name, t.born, t.sex
  FROM there t
 WHERE t.record NOT IN (SELECT record FROM pair)
 ORDER BY t.record

-- name: different
SELECT d.record, t.first_line AS line, t.source_key, h.personal_number, d.field, d.there, d.here, p.found_by
  FROM difference d
  JOIN there t ON t.record = d.record
  JOIN here h ON h.person_id = d.person_id
  JOIN pair p ON p.record = d.record
 ORDER BY d.record, d.field
