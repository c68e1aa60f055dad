-- What is kept of sources' columns, and files that come through the desk.

-- name: mappings_of
SELECT m.version, m.kept_at, m.kept_by, m.headers, m.told
  FROM intake.mapping m
 WHERE m.source = %(source)s
 ORDER BY m.version DESC
 LIMIT 50

-- name: keep_mapping
INSERT INTO intake.mapping (source, version, kept_at, kept_by, headers, told)
SELECT %(source)s, coalesce(max(m.version), 0) + 1, %(now)s, %(by)s::bigint, %(headers)s, %(told)s
  FROM intake.mapping m
 WHERE m.source = %(source)s
RETURNING version

-- name: sources
SELECT DISTINCT m.source FROM intake.mapping m ORDER BY m.source LIMIT 200

-- name: insert_upload
INSERT INTO intake.upload (upload_id, office_id, officer_id, size, parts, received_at, source, file_name, state)
VALUES (%(upload_id)s, %(office_id)s, %(officer_id)s, %(size)s, %(parts)s, %(now)s, %(source)s, %(file_name)s, 'received')

-- name: insert_part
INSERT INTO intake.upload_part (upload_id, kind, part, content)
VALUES (%(upload_id)s, %(kind)s, %(part)s, %(content)s)

-- name: uploads
SELECT u.upload_id, u.officer_id, u.size, u.parts, u.received_at, u.finished_at, u.done, u.source, u.file_name, u.state,
       u.said, u.batches, u.told
  FROM intake.upload u
 ORDER BY u.received_at DESC
 LIMIT %(most)s

-- name: upload
SELECT u.upload_id, u.officer_id, u.size, u.parts, u.received_at, u.finished_at, u.done, u.source, u.file_name, u.state,
       u.said, u.batches, u.told
  FROM intake.upload u
 WHERE u.upload_id = %(upload_id)s

-- name: part
SELECT p.content
  FROM intake.upload_part p
 WHERE p.upload_id = %(upload_id)s AND p.kind = %(kind)s AND p.part = %(part)s

-- name: kinds_of
SELECT p.kind, count(*) FROM intake.upload_part p WHERE p.upload_id = %(upload_id)s GROUP BY p.kind

-- name: understand_upload
UPDATE intake.upload SET source = %(source)s, told = %(told)s
 WHERE upload_id = %(upload_id)s AND state = 'received'

-- name: start_upload
UPDATE intake.upload SET state = 'waiting' WHERE upload_id = %(upload_id)s AND state = 'received'

-- name: withdraw_upload
UPDATE intake.upload SET state = 'withdrawn', finished_at = %(now)s
 WHERE upload_id = %(upload_id)s AND state IN ('received', 'waiting')

-- name: drop_parts
DELETE FROM intake.upload_part WHERE upload_id = %(upload_id)s AND kind = %(kind)s

-- name: next_upload
SELECT u.upload_id FROM intake.upload u WHERE u.state IN ('waiting', 'loading') ORDER BY u.received_at LIMIT 1

-- name: take_upload
UPDATE intake.upload SET state = 'loading'
 WHERE upload_id = %(upload_id)s AND state IN ('waiting', 'loading')

-- name: note_upload
UPDATE intake.upload SET done = %(done)s, batches = %(batches)s WHERE upload_id = %(upload_id)s

-- name: end_upload
UPDATE intake.upload SET state = %(state)s, said = %(said)s, done = %(done)s, batches = %(batches)s, finished_at = %(now)s
 WHERE upload_id = %(upload_id)s

-- name: drop_results
DELETE FROM intake.upload_part p
 USING intake.upload u
 WHERE u.upload_id = p.upload_id AND u.finished_at < %(before)s
