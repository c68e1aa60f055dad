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
SELECT audit.refusals(%(officer_id)s, %(operation)s, %(since)s)

-- name: make_partition
SELECT audit.make_partition(%(month)s::date)

-- name: every_row
SELECT l.log_id, l.logged_at, l.operation, l.outcome, l.channel, l.request_id, l.officer_id, l.office, l.role,
       l.purpose, l.legal_ground, l.dossier_id, l.person_id, l.persons, l.persons_digest, l.fields, l.result_count,
       l.reason, l.actor, l.salt, l.commitment
  FROM audit.access_log l
