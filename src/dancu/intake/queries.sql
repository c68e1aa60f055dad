-- Statements of intake. Batches and chunks are about files; persons are found by their numbers and names.

-- name: batch_of_file
SELECT b.batch_id, b.state
  FROM intake.batch b
 WHERE b.sha256 = %(sha256)s AND b.source = %(source)s AND b.state NOT IN ('reverted', 'refused')
 ORDER BY b.received_at DESC
 LIMIT 1

-- name: insert_batch
INSERT INTO intake.batch (batch_id, received_at, unit_day, synthetic, source, file_name, file_format, encoding,
                          sha256, state, mapping, agreement, form_version, declared_records, reject_limit, supersedes,
                          corrects)
VALUES (%(batch_id)s, %(received_at)s, %(unit_day)s, %(synthetic)s, %(source)s, %(file_name)s, %(file_format)s,
        %(encoding)s, %(sha256)s, %(state)s, %(mapping)s, %(agreement)s, %(form_version)s, %(declared_records)s,
        %(reject_limit)s, %(supersedes)s, %(corrects)s)

-- name: set_state
UPDATE intake.batch SET state = %(state)s, finished_at = %(finished_at)s WHERE batch_id = %(batch_id)s

-- name: note_staged
UPDATE intake.batch
   SET state = 'staged', records = %(records)s, lines = %(lines)s, remainder = %(remainder)s
 WHERE batch_id = %(batch_id)s

-- name: release
UPDATE intake.batch
   SET state = 'validated', released_at = %(now)s, released_by = %(by)s, released_why = %(why)s
 WHERE batch_id = %(batch_id)s AND state = 'held'

-- name: reach_stage
INSERT INTO intake.stage (batch_id, stage, reached_at, records, accepted, rejected, created, updated, unchanged, queued)
VALUES (%(batch_id)s, %(stage)s, %(now)s, %(records)s, %(accepted)s, %(rejected)s, %(created)s, %(updated)s,
        %(unchanged)s, %(queued)s)
ON CONFLICT (batch_id, stage) DO UPDATE
   SET reached_at = excluded.reached_at, records = excluded.records, accepted = excluded.accepted,
       rejected = excluded.rejected, created = excluded.created, updated = excluded.updated,
       unchanged = excluded.unchanged, queued = excluded.queued

-- name: stages
SELECT s.stage, s.reached_at, s.records, s.accepted, s.rejected, s.created, s.updated, s.unchanged, s.queued
  FROM intake.stage s
 WHERE s.batch_id = %(batch_id)s
 ORDER BY s.reached_at, s.records

-- name: insert_original
INSERT INTO intake.original (batch_id, record, told) VALUES (%(batch_id)s, %(record)s, %(told)s)
ON CONFLICT (batch_id, record) DO NOTHING

-- name: originals
SELECT o.record, o.told FROM intake.original o WHERE o.batch_id = %(batch_id)s ORDER BY o.record

-- name: forget_staged
WITH chunks AS (DELETE FROM intake.chunk WHERE batch_id = %(batch_id)s),
     originals AS (DELETE FROM intake.original WHERE batch_id = %(batch_id)s)
DELETE FROM intake.finding WHERE batch_id = %(batch_id)s

-- name: stage_chunk
INSERT INTO intake.chunk (batch_id, first_record, records, planned, decisions, reasons, lines, last_lines, digests,
                          persons)
VALUES (%(batch_id)s, %(first_record)s, %(records)s, false, %(decisions)s, %(reasons)s, %(lines)s, %(last_lines)s,
        %(digests)s, array_fill(0::bigint, ARRAY[%(records)s::integer]))

-- name: plan_chunk
UPDATE intake.chunk
   SET planned = true, decisions = %(decisions)s, reasons = %(reasons)s, persons = %(persons)s, scores = %(scores)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: written_chunk
UPDATE intake.chunk
   SET written = true, decisions = %(decisions)s, reasons = %(reasons)s, persons = %(persons)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: spans
SELECT c.first_record, c.lines, c.last_lines FROM intake.chunk c
 WHERE c.batch_id = %(batch_id)s
 ORDER BY c.first_record

-- name: remainder
SELECT b.remainder FROM intake.batch b WHERE b.batch_id = %(batch_id)s

-- name: batch
SELECT b.batch_id, b.state, b.source, b.file_name, b.records, b.synthetic, b.received_at, b.file_format, b.encoding,
       b.lines, b.declared_records, b.reject_limit, b.supersedes, b.corrects
  FROM intake.batch b
 WHERE b.batch_id = %(batch_id)s

-- name: batches
SELECT b.batch_id, b.state, b.source, b.file_name, b.records, b.synthetic, b.received_at, b.file_format, b.encoding,
       b.lines, b.declared_records, b.reject_limit, b.supersedes, b.corrects
  FROM intake.batch b
 ORDER BY b.received_at DESC
 LIMIT %(most)s

-- name: decision_counts
SELECT d.decision, count(*)
  FROM intake.chunk c, unnest(c.decisions) AS d (decision)
 WHERE c.batch_id = %(batch_id)s
 GROUP BY d.decision

-- name: chunks
SELECT c.first_record, c.records, c.applied, c.planned, c.written
  FROM intake.chunk c
 WHERE c.batch_id = %(batch_id)s
 ORDER BY c.first_record

-- name: update_chunk
UPDATE intake.chunk
   SET applied = true, decisions = %(decisions)s, reasons = %(reasons)s, persons = %(persons)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: chunk
SELECT c.decisions, c.reasons, c.persons, c.planned, c.written, c.applied FROM intake.chunk c
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

-- name: results
SELECT c.first_record + r.position::integer - 1 AS record, r.line, r.decision, r.reason, r.person_id,
       p.personal_number, r.last_line, r.score
  FROM intake.chunk c
 CROSS JOIN LATERAL unnest(c.lines, c.decisions, c.reasons, c.persons, c.last_lines, c.scores) WITH ORDINALITY
    AS r (line, decision, reason, person_id, last_line, score, position)
  LEFT JOIN register.person p ON p.person_id = r.person_id
 WHERE c.batch_id = %(batch_id)s
 ORDER BY c.first_record, r.position

-- name: findings
SELECT f.record, f.field, f.rule, f.severity, f.first_line
  FROM intake.finding f
 WHERE f.batch_id = %(batch_id)s
 ORDER BY f.record, f.rule, f.field

-- name: persons_by_number
SELECT i.value, p.person_id, p.status
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s) AND i.scheme = 1 AND p.status <> 6

-- name: bearers_of_numbers
SELECT i.value, p.person_id, p.name_key, p.born, p.sex
  FROM register.identifier i
  JOIN register.person p ON p.person_id = i.person_id
 WHERE i.value = ANY (%(values)s) AND i.scheme = 1 AND NOT i.cancelled AND p.status NOT IN (5, 6)

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

-- name: insert_whole_chunk
INSERT INTO intake.chunk (batch_id, first_record, records, applied, decisions, reasons, lines, last_lines, persons)
VALUES (%(batch_id)s, %(first_record)s, %(records)s, %(applied)s, %(decisions)s, %(reasons)s, %(lines)s,
        %(last_lines)s, %(persons)s)

-- name: update_whole_chunk
UPDATE intake.chunk
   SET applied = %(applied)s, decisions = %(decisions)s, reasons = %(reasons)s, persons = %(persons)s
 WHERE batch_id = %(batch_id)s AND first_record = %(first_record)s

-- name: next_ordinals
SELECT i.value, max(i.ordinal) + 1
  FROM register.identifier i
 WHERE i.value = ANY (%(values)s) AND i.scheme = %(scheme)s
 GROUP BY i.value

-- name: acts_of_batch
SELECT a.act_id FROM register.act a WHERE a.batch_id = %(batch_id)s

-- name: staged_counts
SELECT d.decision, count(*)
  FROM intake.chunk c, unnest(c.decisions) AS d (decision)
 WHERE c.batch_id = %(batch_id)s AND c.planned AND (c.applied OR NOT %(applied)s)
 GROUP BY d.decision

-- name: as_before
-- Records of a chunk that stood in the superseded file as they are, and that were about somebody there.
SELECT n.record, min(o.person_id)
  FROM (SELECT c.first_record + u.position::integer - 1 AS record, u.digest
          FROM intake.chunk c
         CROSS JOIN LATERAL unnest(c.digests) WITH ORDINALITY AS u (digest, position)
         WHERE c.batch_id = %(own)s AND c.first_record = %(first_record)s) AS n
  JOIN (SELECT u.digest, u.person_id
          FROM intake.chunk c
         CROSS JOIN LATERAL unnest(c.digests, c.persons, c.decisions) AS u (digest, person_id, decision)
         WHERE c.batch_id = %(batch_id)s AND u.decision IN (1, 2, 3) AND u.person_id <> 0) AS o ON o.digest = n.digest
 GROUP BY n.record

-- name: no_longer_told
SELECT DISTINCT u.person_id
  FROM intake.chunk c
 CROSS JOIN LATERAL unnest(c.persons, c.decisions) AS u (person_id, decision)
 WHERE c.batch_id = %(former)s AND u.decision IN (1, 2, 3) AND u.person_id <> 0
   AND u.person_id NOT IN (SELECT n.person_id
                             FROM intake.chunk k
                            CROSS JOIN LATERAL unnest(k.persons) AS n (person_id)
                            WHERE k.batch_id = %(batch_id)s)
   AND u.person_id NOT IN (SELECT n.person_id
                             FROM intake.queued q
                            CROSS JOIN LATERAL unnest(q.candidates) AS n (person_id)
                            WHERE q.batch_id = %(batch_id)s)

-- name: drop_queued
-- The file was taken back or came again corrected: there is nothing left to decide.
UPDATE intake.queued SET settled_at = %(now)s, outcome = 5 WHERE batch_id = %(batch_id)s AND settled_at IS NULL

-- name: leave_standing
INSERT INTO intake.left_standing (batch_id, person_id, seq, reason, noted_at)
VALUES (%(batch_id)s, %(person_id)s, %(seq)s, %(reason)s, %(now)s)
ON CONFLICT (batch_id, person_id, seq) DO UPDATE SET reason = excluded.reason

-- name: left_standing
SELECT l.person_id, l.seq, l.reason FROM intake.left_standing l
 WHERE l.batch_id = %(batch_id)s
 ORDER BY l.person_id, l.seq

-- name: decided_wrongly
-- A decision and what must lie beside it: an act, a place in the queue, a rule that was broken.
SELECT r.record, r.what
  FROM (
    SELECT d.record,
           CASE WHEN d.decision NOT BETWEEN 1 AND 5 THEN 'nothing was decided'
                WHEN d.decision IN (1, 2) AND NOT EXISTS (
                    SELECT FROM register.event e
                      JOIN register.act a ON a.act_id = e.act_id
                     WHERE e.person_id = d.person_id AND a.batch_id = %(batch_id)s)
                    THEN 'it was taken, and no act of this batch is about its person'
                WHEN d.decision = 4 AND NOT EXISTS (
                    SELECT FROM intake.queued q WHERE q.batch_id = %(batch_id)s AND q.record = d.record)
                    THEN 'it waits for a clerk, and is not in the queue'
                WHEN d.decision = 5 AND d.reason = 5 AND NOT EXISTS (
                    SELECT FROM intake.finding f
                     WHERE f.batch_id = %(batch_id)s AND f.record = d.record AND f.severity = 'reject')
                    THEN 'it was rejected, and breaks no rule'
           END AS what
      FROM (SELECT c.first_record + u.position::integer - 1 AS record, u.decision, u.reason, u.person_id
              FROM intake.chunk c
             CROSS JOIN LATERAL unnest(c.decisions, c.reasons, c.persons) WITH ORDINALITY
                AS u (decision, reason, person_id, position)
             WHERE c.batch_id = %(batch_id)s) AS d
  ) AS r
 WHERE r.what IS NOT NULL
 ORDER BY r.record
 LIMIT %(most)s

-- name: queued_for_update
SELECT q.settled_at, q.outcome, q.person_id
  FROM intake.queued q
 WHERE q.batch_id = %(batch_id)s AND q.record = %(record)s
   FOR UPDATE

-- name: settle_queued
UPDATE intake.queued
   SET settled_at = %(now)s, settled_by = %(by)s, dossier_id = %(dossier_id)s, outcome = %(decision)s,
       person_id = %(person_id)s
 WHERE batch_id = %(batch_id)s AND record = %(record)s

-- name: settle_record
UPDATE intake.chunk
   SET decisions[%(record)s::integer - first_record + 1] = %(decision)s::smallint,
       reasons[%(record)s::integer - first_record + 1] = %(reason)s::smallint,
       persons[%(record)s::integer - first_record + 1] = coalesce(%(person_id)s::bigint, 0)
 WHERE batch_id = %(batch_id)s AND %(record)s::integer BETWEEN first_record AND first_record + records - 1

-- name: acts_of_source
SELECT a.act_id FROM register.act a WHERE a.act_id = ANY (%(acts)s) AND a.source = %(source)s

-- name: insert_credential
INSERT INTO intake.credential (credential_id, source, key_sha256, agreement, discloses, changes_per_minute, issued_at,
                               issued_by)
VALUES (%(credential_id)s, %(source)s, %(key_sha256)s, %(agreement)s, %(discloses)s, %(changes_per_minute)s, %(now)s,
        %(by)s)

-- name: credentials
SELECT c.credential_id, c.source, c.agreement, c.discloses, c.changes_per_minute, c.issued_at, c.issued_by, c.revoked_at
  FROM intake.credential c
 ORDER BY c.source, c.issued_at

-- name: credential
SELECT c.credential_id, c.source, c.agreement, c.discloses, c.changes_per_minute
  FROM intake.credential c
 WHERE c.credential_id = %(credential_id)s AND c.key_sha256 = %(key_sha256)s AND c.revoked_at IS NULL

-- name: revoke_credential
UPDATE intake.credential SET revoked_at = %(now)s WHERE credential_id = %(credential_id)s AND revoked_at IS NULL

-- name: received_lately
SELECT coalesce(sum(p.changes), 0)
  FROM intake.pushed p
 WHERE p.source = %(source)s AND p.received_at > %(since)s

-- name: insert_pushed
INSERT INTO intake.pushed (push_id, credential_id, source, received_at, changes, sent)
VALUES (%(push_id)s, %(credential_id)s, %(source)s, %(now)s, %(changes)s, %(sent)s)

-- name: answer_of_pushed
SELECT p.answered_at, p.answer, p.problem
  FROM intake.pushed p
 WHERE p.push_id = %(push_id)s AND p.credential_id = %(credential_id)s

-- name: next_pushed
-- One worker at a time: requests of one source are answered in the order in which they came.
SELECT p.push_id, p.sent, c.credential_id, c.source, c.agreement, c.discloses, c.changes_per_minute
  FROM intake.pushed p
  JOIN intake.credential c ON c.credential_id = p.credential_id
 WHERE p.answered_at IS NULL
 ORDER BY p.received_at, p.push_id
 LIMIT 1

-- name: answer_pushed
UPDATE intake.pushed
   SET answered_at = %(now)s, answer = %(answer)s, problem = %(problem)s, sent = NULL
 WHERE push_id = %(push_id)s AND answered_at IS NULL

-- name: drop_answers
DELETE FROM intake.pushed WHERE answered_at < %(before)s

-- name: change
SELECT c.batch_id, c.record, c.sent_sha256
  FROM intake.change c
 WHERE c.source = %(source)s AND c.change_key = %(change_key)s

-- name: insert_change
INSERT INTO intake.change (source, change_key, batch_id, record, source_key, occurred_at, sequence, received_at, erases,
                           ground, fields, sent_sha256)
VALUES (%(source)s, %(change_key)s, %(batch_id)s, %(record)s, %(source_key)s, %(occurred_at)s, %(sequence)s, %(now)s,
        %(erases)s, %(ground)s, %(fields)s, %(sent_sha256)s)

-- name: changes_of_key
-- What a source told under one of its keys, in the order in which it happened there.
SELECT c.batch_id, c.record, c.occurred_at, c.sequence, c.erases, c.fields,
       k.decisions[c.record - k.first_record + 1] AS decision, k.persons[c.record - k.first_record + 1] AS person_id
  FROM intake.change c
  JOIN intake.chunk k ON k.batch_id = c.batch_id AND c.record BETWEEN k.first_record AND k.first_record + k.records - 1
 WHERE c.source = %(source)s AND c.source_key = %(source_key)s
 ORDER BY c.occurred_at, c.sequence, c.batch_id, c.record

-- name: lock_source_key
SELECT pg_advisory_xact_lock(hashtextextended(%(source)s || chr(31) || %(source_key)s, 7))

-- name: pushed_batch
INSERT INTO intake.batch (batch_id, received_at, synthetic, source, file_name, file_format, encoding, sha256, state,
                          mapping, agreement, records, reject_limit)
VALUES (%(batch_id)s, %(now)s, %(synthetic)s, %(source)s, 'changes', 'push', 'utf-8', %(sha256)s, 'matched', '{}',
        %(agreement)s, %(records)s, 1)

-- name: pushed_chunk
INSERT INTO intake.chunk (batch_id, first_record, records, decisions, reasons, lines, last_lines, scores, persons)
SELECT %(batch_id)s, 1, %(records)s, array_fill(0::smallint, s.size), array_fill(0::smallint, s.size),
       array_fill(0, s.size), array_fill(0, s.size), array_fill('NaN'::real, s.size), array_fill(0::bigint, s.size)
  FROM (SELECT ARRAY[%(records)s::integer] AS size) s

-- name: decide_change
UPDATE intake.chunk
   SET decisions[%(record)s::integer] = %(decision)s::smallint, reasons[%(record)s::integer] = %(reason)s::smallint,
       persons[%(record)s::integer] = %(person_id)s::bigint, scores[%(record)s::integer] = %(score)s::real
 WHERE batch_id = %(batch_id)s AND first_record = 1

-- name: pushed_applied
UPDATE intake.chunk SET applied = true WHERE batch_id = %(batch_id)s

-- name: answer_to_change
SELECT k.decisions[%(record)s::integer], k.reasons[%(record)s::integer], k.persons[%(record)s::integer],
       k.scores[%(record)s::integer], p.personal_number
  FROM intake.chunk k
  LEFT JOIN register.person p ON p.person_id = k.persons[%(record)s::integer]
 WHERE k.batch_id = %(batch_id)s AND k.first_record = 1

-- name: findings_of_record
SELECT f.field, f.rule FROM intake.finding f WHERE f.batch_id = %(batch_id)s AND f.record = %(record)s ORDER BY f.rule

-- name: reference_of
WITH made AS (
    INSERT INTO intake.reference (source, person_id, reference)
    VALUES (%(source)s, %(person_id)s, %(reference)s)
    ON CONFLICT (source, person_id) DO NOTHING
    RETURNING reference
)
SELECT m.reference FROM made m
UNION ALL
SELECT r.reference FROM intake.reference r WHERE r.source = %(source)s AND r.person_id = %(person_id)s
LIMIT 1

-- name: known_from_source
-- Persons of whom batches or changes of a source tell and who stand; of a merged record, the one that carries on.
SELECT p.person_id, p.personal_number,
       (SELECT min(i.value) FROM register.identifier i WHERE i.person_id = p.person_id AND i.scheme = 2),
       p.surname, p.middle, p.given, p.name_key, p.born, p.died, p.sex, p.ethnicity, p.status, p.nationality
  FROM (SELECT DISTINCT coalesce(m.merged_into, m.person_id) AS person_id
          FROM (SELECT DISTINCT u.person_id
                  FROM intake.batch b
                  JOIN intake.chunk c ON c.batch_id = b.batch_id
                 CROSS JOIN LATERAL unnest(c.persons, c.decisions) AS u (person_id, decision)
                 WHERE b.source = %(source)s AND b.state NOT IN ('reverted', 'superseded', 'refused', 'held')
                   AND u.person_id <> 0 AND u.decision IN (1, 2, 3)) AS told
          JOIN register.person m ON m.person_id = told.person_id) AS known
  JOIN register.person p ON p.person_id = known.person_id
 WHERE p.status NOT IN (5, 6)

-- name: drop_originals
SELECT intake.drop_originals(%(before)s)

-- name: note_withdrawn
-- `result` of a superseded batch tells which of its records are in the corrected file no more.
UPDATE intake.chunk c
   SET reasons = (SELECT array_agg(CASE WHEN u.person_id = ANY (%(persons)s) THEN %(reason)s::smallint ELSE u.reason END
                                   ORDER BY u.position)
                    FROM unnest(c.reasons, c.persons) WITH ORDINALITY AS u (reason, person_id, position))
 WHERE c.batch_id = %(batch_id)s AND c.persons && %(persons)s
