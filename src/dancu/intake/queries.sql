-- Statements of intake. Batches and chunks are about files; persons are found by their numbers and names.

-- name: batch_of_file
SELECT b.batch_id, b.state
  FROM intake.batch b
 WHERE b.sha256 = %(sha256)s AND b.source = %(source)s AND b.state <> 'reverted'
 ORDER BY b.received_at DESC
 LIMIT 1

-- name: insert_batch
INSERT INTO intake.batch (batch_id, received_at, unit_day, synthetic, source, file_name, file_format, encoding,
                          sha256, state, mapping)
VALUES (%(batch_id)s, %(received_at)s, %(unit_day)s, %(synthetic)s, %(source)s, %(file_name)s, %(file_format)s,
        %(encoding)s, %(sha256)s, 'loading', %(mapping)s)

-- name: finish_batch
UPDATE intake.batch
   SET state = 'applied', finished_at = %(now)s, records = %(records)s, remainder = %(remainder)s
 WHERE batch_id = %(batch_id)s

-- name: mark_reverted
UPDATE intake.batch SET state = 'reverted', finished_at = %(now)s WHERE batch_id = %(batch_id)s

-- name: batch
SELECT b.batch_id, b.state, b.source, b.file_name, b.records, b.synthetic, b.received_at
  FROM intake.batch b
 WHERE b.batch_id = %(batch_id)s

-- name: batches
SELECT b.batch_id, b.state, b.source, b.file_name, b.records, b.synthetic, b.received_at
  FROM intake.batch b
 ORDER BY b.received_at DESC
 LIMIT %(most)s

-- name: decision_counts
SELECT d.decision, count(*)
  FROM intake.chunk c, unnest(c.decisions) AS d (decision)
 WHERE c.batch_id = %(batch_id)s
 GROUP BY d.decision

-- name: chunks
SELECT c.first_record, c.records, c.applied
  FROM intake.chunk c
 WHERE c.batch_id = %(batch_id)s
 ORDER BY c.first_record

-- name: insert_chunk
INSERT INTO intake.chunk (batch_id, first_record, records, decisions, reasons, lines, persons)
VALUES (%(batch_id)s, %(first_record)s, %(records)s, %(decisions)s, %(reasons)s, %(lines)s, %(persons)s)

-- name: update_chunk
UPDATE intake.chunk
   SET applied = true, decisions = %(decisions)s, reasons = %(reasons)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: chunk
SELECT c.decisions, c.reasons, c.persons FROM intake.chunk c
 WHERE c.batch_id = %(batch_id)s AND c.first_record = %(first_record)s

-- name: copy_findings
COPY intake.finding (batch_id, record, first_line, field, rule, severity) FROM STDIN

-- name: insert_queued
INSERT INTO intake.queued (batch_id, record, reason, candidates, told)
VALUES (%(batch_id)s, %(record)s, %(reason)s, %(candidates)s, %(told)s)
ON CONFLICT (batch_id, record) DO NOTHING

-- name: clear_told
SELECT q.batch_id, q.record, q.told FROM intake.queued q WHERE get_byte(q.told, 0) = ascii('{') LIMIT %(most)s

-- name: seal_told
UPDATE intake.queued SET told = %(told)s WHERE batch_id = %(batch_id)s AND record = %(record)s

-- name: told
SELECT q.told FROM intake.queued q WHERE q.batch_id = %(batch_id)s AND q.record = %(record)s

-- name: queue
SELECT q.batch_id, q.record, q.reason, q.candidates
  FROM intake.queued q
 WHERE q.settled_at IS NULL AND (%(batch_id)s::bigint IS NULL OR q.batch_id = %(batch_id)s)
 ORDER BY q.batch_id, q.record
 LIMIT %(most)s

-- name: results
SELECT c.first_record + r.position::integer - 1 AS record, r.line, r.decision, r.reason, r.person_id,
       p.personal_number
  FROM intake.chunk c
 CROSS JOIN LATERAL unnest(c.lines, c.decisions, c.reasons, c.persons) WITH ORDINALITY
    AS r (line, decision, reason, person_id, position)
  LEFT JOIN register.person p ON p.person_id = r.person_id
 WHERE c.batch_id = %(batch_id)s
 ORDER BY c.first_record, r.position

-- name: findings
SELECT f.record, f.field, f.rule, f.severity
  FROM intake.finding f
 WHERE f.batch_id = %(batch_id)s
 ORDER BY f.record, f.rule, f.field

-- name: holders_of_numbers
-- What a source tells under the number of a merged record is filed under that record.
SELECT i.value, i.scheme, p.person_id, p.name_key, p.born, p.sex, p.personal_number, p.status, p.province_code,
       p.birth_registration_unit, p.origin_unit, p.commune_code
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s) AND i.scheme IN (1, 2)

-- name: persons_of_names
SELECT p.person_id, p.name_key, p.born, p.sex, p.personal_number, p.status, p.province_code,
       p.birth_registration_unit, p.origin_unit, p.commune_code
  FROM unnest(%(keys)s::text[], %(born_from)s::integer[], %(born_to)s::integer[]) AS w (name_key, born_from, born_to)
  JOIN register.person p ON p.name_key = w.name_key AND p.born BETWEEN w.born_from AND w.born_to
 WHERE p.status NOT IN (5, 6)

-- name: persons_by_number
SELECT i.value, p.person_id
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s) AND i.scheme = 1 AND p.status <> 6

-- name: households_of_file_numbers
SELECT h.file_no, h.household_id FROM register.household h WHERE h.file_no = ANY (%(values)s)

-- name: events_of_batch
SELECT e.person_id, e.seq, e.act_id, p.version, e.kind
  FROM register.act a
 CROSS JOIN LATERAL unnest(a.persons) AS one (person_id)
  JOIN register.event e ON e.person_id = one.person_id AND e.act_id = a.act_id
  JOIN register.person p ON p.person_id = e.person_id
 WHERE a.batch_id = %(batch_id)s AND e.kind <> 10
 ORDER BY e.person_id, e.seq

-- name: only_first_loads
-- Empty, or an interrupted first load: every act is of a batch that is still loading.
SELECT NOT EXISTS (
    SELECT FROM register.act a LEFT JOIN intake.batch b ON b.batch_id = a.batch_id
     WHERE b.state IS DISTINCT FROM 'loading')

-- name: forget_findings
DELETE FROM intake.finding WHERE batch_id = %(batch_id)s

-- name: note_reading
UPDATE intake.batch SET records = %(records)s, remainder = %(remainder)s WHERE batch_id = %(batch_id)s

-- name: mark_applied
UPDATE intake.batch SET state = 'applied', finished_at = %(now)s WHERE batch_id = %(batch_id)s

-- name: insert_whole_chunk
INSERT INTO intake.chunk (batch_id, first_record, records, applied, decisions, reasons, lines, persons)
VALUES (%(batch_id)s, %(first_record)s, %(records)s, %(applied)s, %(decisions)s, %(reasons)s, %(lines)s, %(persons)s)

-- name: update_whole_chunk
UPDATE intake.chunk
   SET applied = %(applied)s, decisions = %(decisions)s, reasons = %(reasons)s, persons = %(persons)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: strangers_since
SELECT count(*)
  FROM register.event e
  LEFT JOIN register.act a ON a.act_id = e.act_id
 WHERE e.person_id = %(person_id)s AND e.seq > %(since_seq)s AND a.batch_id IS DISTINCT FROM %(batch_id)s
