-- name: record
INSERT INTO audit.access_log (logged_at, operation, outcome, channel, request_id, officer_id, office, role, purpose,
                              legal_ground, dossier_id, person_id, persons, persons_digest, fields, result_count,
                              reason, actor, salt, commitment)
VALUES (%(logged_at)s, %(operation)s, %(outcome)s, %(channel)s, %(request_id)s, %(officer_id)s, %(office)s, %(role)s,
        %(purpose)s, %(legal_ground)s, %(dossier_id)s, %(person_id)s, %(persons)s, %(persons_digest)s, %(fields)s,
        %(result_count)s, %(reason)s, %(actor)s, %(salt)s, %(commitment)s)

-- name: who_looked
SELECT l.logged_at, l.officer_id, l.office, l.role, l.purpose, l.operation, l.outcome, l.dossier_id
  FROM audit.looks_at(%(person_id)s, %(most)s) l

-- name: by_officer
SELECT l.logged_at, l.person_id, l.office, l.role, l.purpose, l.operation, l.outcome, l.dossier_id, l.result_count
  FROM audit.looks_by(%(officer_id)s, %(since)s, %(most)s) l

-- name: refusals
SELECT audit.refusals(%(officer_id)s, %(operation)s, %(reason)s, %(since)s)

-- name: make_partition
SELECT audit.make_partition(%(month)s::date)

-- name: every_row
SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.request_id, l.officer_id, l.office, l.role,
       l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.persons_digest, l.fields, l.result_count,
       l.reason, l.actor, l.salt, l.commitment
  FROM audit.access_log l
 ORDER BY l.log_id

-- name: turn
SELECT pg_try_advisory_xact_lock(7312541080153221)

-- name: tree
SELECT t.size, t.sealed_to, t.origin, t.log_key, t.peaks FROM audit.tree t

-- name: begin_tree
INSERT INTO audit.tree (tree_id, size, sealed_to, origin, log_key, peaks)
VALUES (1, 0, 0, %(origin)s, %(log_key)s, '')
ON CONFLICT (tree_id) DO NOTHING

-- name: numbers_given
SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END FROM audit.access_log_log_id_seq s

-- name: writers
-- Who writes to the log took this lock before any number. A prepared transaction has lost the name it began with.
SELECT DISTINCT l.virtualtransaction
  FROM pg_locks l
 WHERE l.relation = 'audit.access_log'::regclass AND l.mode = 'RowExclusiveLock'
   AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())

-- name: to_seal
SELECT l.log_id, l.commitment
  FROM audit.access_log l
 WHERE l.log_id > %(after)s AND l.log_id <= %(until)s
 ORDER BY l.log_id
 LIMIT %(most)s

-- name: add_bundles
INSERT INTO audit.bundle AS b (bundle_no, last_log_id, entries)
SELECT one.bundle_no, one.last_log_id, one.entries
  FROM unnest(%(bundle_nos)s::bigint[], %(last_log_ids)s::bigint[], %(entries)s::bytea[])
       AS one (bundle_no, last_log_id, entries)
ON CONFLICT (bundle_no) DO UPDATE SET entries = b.entries || excluded.entries, last_log_id = excluded.last_log_id

-- name: add_tiles
INSERT INTO audit.tile AS t (level, tile_no, hashes)
SELECT one.level, one.tile_no, one.hashes
  FROM unnest(%(levels)s::smallint[], %(tile_nos)s::bigint[], %(hashes)s::bytea[]) AS one (level, tile_no, hashes)
ON CONFLICT (level, tile_no) DO UPDATE SET hashes = t.hashes || excluded.hashes

-- name: grow_tree
UPDATE audit.tree SET size = %(size)s, sealed_to = %(sealed_to)s, peaks = %(peaks)s
 WHERE tree_id = 1 AND size = %(before)s

-- name: add_checkpoint
INSERT INTO audit.checkpoint (size, made_at, note) VALUES (%(size)s, %(made_at)s, %(note)s)

-- name: last_checkpoint
SELECT c.size, c.made_at, c.note FROM audit.checkpoint c ORDER BY c.size DESC LIMIT 1

-- name: cosigned_sizes
SELECT one.witness, coalesce((SELECT max(c.size) FROM audit.cosignature c WHERE c.witness = one.witness), 0)
  FROM unnest(%(witnesses)s::text[]) AS one (witness)

-- name: add_cosignature
INSERT INTO audit.cosignature (size, signed_at, witness, line)
VALUES (%(size)s, %(signed_at)s, %(witness)s, %(line)s)
ON CONFLICT (size, witness) DO NOTHING

-- name: tiles
SELECT t.level, t.tile_no, t.hashes
  FROM audit.tile t
  JOIN unnest(%(levels)s::smallint[], %(tile_nos)s::bigint[]) AS one (level, tile_no)
    ON one.level = t.level AND one.tile_no = t.tile_no

-- name: bundles
SELECT b.bundle_no, b.entries FROM audit.bundle b WHERE b.bundle_no = ANY (%(bundle_nos)s::bigint[])

-- name: every_bundle
SELECT b.bundle_no, b.entries FROM audit.bundle b ORDER BY b.bundle_no

-- name: every_checkpoint
SELECT c.size, c.made_at, c.note, array_remove(array_agg(s.line), NULL)
  FROM audit.checkpoint c LEFT JOIN audit.cosignature s ON s.size = c.size
 GROUP BY c.size, c.made_at, c.note
 ORDER BY c.size

-- name: one_tile
SELECT t.hashes FROM audit.tile t WHERE t.level = %(level)s AND t.tile_no = %(tile_no)s

-- name: hashes_stored
SELECT t.level, sum(octet_length(t.hashes) / 32)::bigint FROM audit.tile t GROUP BY t.level

-- name: retired
SELECT r.month, r.told_by, r.log_ids FROM audit.retired r ORDER BY r.month

-- name: heads
SELECT c.size, c.made_at, c.note, array_remove(array_agg(s.line ORDER BY s.witness), NULL)
  FROM (SELECT last.size, last.made_at, last.note FROM audit.checkpoint last ORDER BY last.size DESC LIMIT %(most)s) c
  LEFT JOIN audit.cosignature s ON s.size = c.size
 GROUP BY c.size, c.made_at, c.note
 ORDER BY c.size DESC

-- name: best_head
-- Of the last heads, the one that most witnesses signed; the last of these.
SELECT c.size, c.made_at, c.note, array_remove(array_agg(s.line ORDER BY s.witness), NULL)
  FROM (SELECT last.size, last.made_at, last.note FROM audit.checkpoint last
         WHERE last.size > %(index)s ORDER BY last.size DESC LIMIT 100) c
  LEFT JOIN audit.cosignature s ON s.size = c.size
 GROUP BY c.size, c.made_at, c.note
 ORDER BY count(s.witness) DESC, c.size DESC
 LIMIT 1

-- name: bundle_with
SELECT b.bundle_no, b.entries FROM audit.bundle b
 WHERE b.last_log_id >= %(log_id)s ORDER BY b.last_log_id LIMIT 1

-- name: opening
SELECT o.log_id, o.logged_at, o.operation, o.outcome, o.channel, o.request_id, o.officer_id, o.office, o.role,
       o.purpose, o.legal_ground, o.dossier_id, o.person_id, o.persons, o.persons_digest, o.fields, o.result_count,
       o.reason, o.actor, o.salt, o.commitment
  FROM audit.opening(%(log_id)s) o

-- name: uses_by
SELECT u.log_id, u.logged_at, u.operation, u.outcome, u.channel, u.actor, u.officer_id, u.office, u.role, u.purpose,
       u.legal_ground, u.dossier_id, u.person_id, u.persons, u.fields, u.result_count, u.reason
  FROM audit.uses_by(%(officers)s::bigint[], %(since)s, %(until)s, %(most)s) u

-- name: uses_of
SELECT u.log_id, u.logged_at, u.operation, u.outcome, u.channel, u.actor, u.officer_id, u.office, u.role, u.purpose,
       u.legal_ground, u.dossier_id, u.person_id, u.persons, u.fields, u.result_count, u.reason
  FROM audit.uses_of(%(persons)s::bigint[], %(since)s, %(until)s, %(most)s) u

-- name: volumes
SELECT v.officer_id, v.day, v.looks, v.persons, v.refused FROM audit.volumes(%(since)s, %(until)s) v
