-- name: insert_office
INSERT INTO access.office (office_id, authority, unit_code, name, valid_from)
VALUES (%(office_id)s, %(authority)s, %(unit_code)s, %(name)s, %(valid_from)s)

-- name: insert_opening
INSERT INTO access.opening (opening_id, person_id, officer_id, office_id, dossier_id, notified_office_id, opened_at,
                            closes_at, ground, reason)
VALUES (%(opening_id)s, %(person_id)s, %(officer_id)s, %(office_id)s, %(dossier_id)s, %(notified_office_id)s,
        %(opened_at)s, %(closes_at)s, %(ground)s, %(reason)s)

-- name: unmasked
SELECT o.person_id FROM access.opening o
 WHERE o.officer_id = %(officer_id)s AND o.dossier_id IS NOT DISTINCT FROM %(dossier_id)s::bigint
   AND %(now)s < o.closes_at

-- name: notices
SELECT o.opening_id, o.person_id, o.officer_id, o.office_id, o.dossier_id, o.notified_office_id, o.seen_by,
       o.opened_at, o.closes_at, o.seen_at, o.ground, o.reason
  FROM access.opening o
 WHERE (o.notified_office_id = ANY (%(office_ids)s) OR (o.notified_office_id IS NULL AND %(center)s))
   AND (o.seen_at IS NULL OR NOT %(unseen)s)
 ORDER BY o.opened_at DESC
 LIMIT %(most)s

-- name: see_notice
-- Who opened the record sees the row, too, and so does the office; neither may answer for the office that protects.
UPDATE access.opening SET seen_at = %(now)s, seen_by = %(officer_id)s
 WHERE opening_id = %(opening_id)s AND seen_at IS NULL AND officer_id <> %(officer_id)s
   AND (dossiers.of_own_office(notified_office_id)
        OR (notified_office_id IS NULL AND current_setting('dancu.scope', true) = 'nation'))

-- name: office_of
SELECT o.office_id, o.authority, o.unit_code, o.name
  FROM access.office o
 WHERE o.unit_code = %(unit_code)s AND o.authority = %(authority)s AND o.valid_to IS NULL

-- name: unit_in_force
SELECT u.kind, u.name FROM reference.unit u WHERE u.code = %(unit_code)s AND u.valid_to IS NULL LIMIT 1

-- name: any_officer
SELECT EXISTS (SELECT FROM access.officer)

-- name: lock_officers
LOCK TABLE access.officer IN SHARE ROW EXCLUSIVE MODE

-- name: insert_officer
INSERT INTO access.officer (officer_id, created_at, password_changed_at, class, must_change, name, full_name)
VALUES (%(officer_id)s, %(now)s, %(now)s, %(class)s, %(must_change)s, %(name)s, %(full_name)s)

-- name: insert_credential
INSERT INTO access.credential (officer_id, password_hash, totp_secret)
VALUES (%(officer_id)s, %(password_hash)s, %(totp_secret)s)

-- name: account
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.password_changed_at, o.failures, o.lockouts,
       o.locked_until, o.disabled_at, o.seen_at, o.created_at, o.must_change
  FROM access.officer o
 WHERE o.name = %(name)s

-- name: account_for_update
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.password_changed_at, o.failures, o.lockouts,
       o.locked_until, o.disabled_at, o.seen_at, o.created_at, o.must_change
  FROM access.officer o
 WHERE o.name = %(name)s
   FOR UPDATE

-- name: credential
SELECT c.officer_id, c.password_hash, c.totp_secret, c.totp_step, c.totp_offered
  FROM access.credential c
 WHERE c.officer_id = %(officer_id)s

-- name: officers
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.seen_at, o.disabled_at, o.locked_until
  FROM access.officer o
 ORDER BY o.name

-- name: in_service
SELECT o.class FROM access.officer o WHERE o.officer_id = %(officer_id)s AND o.disabled_at IS NULL

-- name: names_of_officers
SELECT o.officer_id, o.full_name FROM access.officer o WHERE o.officer_id = ANY (%(officer_ids)s)

-- name: note_failure
UPDATE access.officer
   SET failures = %(failures)s, lockouts = %(lockouts)s, locked_until = %(locked_until)s
 WHERE officer_id = %(officer_id)s

-- name: note_success
UPDATE access.officer SET failures = 0, lockouts = 0, locked_until = NULL, seen_at = %(now)s
 WHERE officer_id = %(officer_id)s

-- name: use_step
UPDATE access.credential SET totp_step = %(step)s WHERE officer_id = %(officer_id)s AND totp_step < %(step)s

-- name: tries_of_unknown
SELECT u.failures, u.lockouts, u.locked_until FROM access.unknown_name u WHERE u.name_digest = %(name_digest)s

-- name: note_unknown
INSERT INTO access.unknown_name (name_digest, tried_at, failures, lockouts, locked_until)
VALUES (%(name_digest)s, %(now)s, %(failures)s, %(lockouts)s, %(locked_until)s)
ON CONFLICT (name_digest) DO UPDATE
   SET tried_at = excluded.tried_at, failures = excluded.failures, lockouts = excluded.lockouts,
       locked_until = excluded.locked_until

-- name: forget_unknown
DELETE FROM access.unknown_name WHERE tried_at < %(since)s

-- name: unlock
UPDATE access.officer SET failures = 0, lockouts = 0, locked_until = NULL WHERE officer_id = %(officer_id)s

-- name: disable
UPDATE access.officer SET disabled_at = %(now)s WHERE officer_id = %(officer_id)s AND disabled_at IS NULL

-- name: enable
UPDATE access.officer SET disabled_at = NULL, seen_at = %(now)s WHERE officer_id = %(officer_id)s

-- name: disable_idle
UPDATE access.officer
   SET disabled_at = %(now)s
 WHERE disabled_at IS NULL AND coalesce(seen_at, created_at) < %(since)s

-- name: set_password
UPDATE access.credential SET password_hash = %(password_hash)s WHERE officer_id = %(officer_id)s

-- name: note_password
UPDATE access.officer SET password_changed_at = %(now)s, must_change = %(must_change)s WHERE officer_id = %(officer_id)s

-- name: set_totp
UPDATE access.credential
   SET totp_secret = %(totp_secret)s, totp_step = %(step)s, totp_offered = NULL
 WHERE officer_id = %(officer_id)s

-- name: offer_totp
UPDATE access.credential SET totp_offered = %(totp_offered)s WHERE officer_id = %(officer_id)s

-- name: formerly_sealed
-- A nonce, 32 letters and a tag are 60 bytes; what the ring sealed is longer.
SELECT c.officer_id, c.totp_secret, c.totp_offered
  FROM access.credential c
 WHERE octet_length(c.totp_secret) = 60
   FOR UPDATE

-- name: seal_anew
UPDATE access.credential SET totp_secret = %(totp_secret)s, totp_offered = %(totp_offered)s
 WHERE officer_id = %(officer_id)s

-- name: former_passwords
SELECT f.password_hash FROM access.former_password f
 WHERE f.officer_id = %(officer_id)s ORDER BY f.changed_at DESC LIMIT 9

-- name: insert_former_password
INSERT INTO access.former_password (officer_id, changed_at, password_hash)
VALUES (%(officer_id)s, %(now)s, %(password_hash)s)
ON CONFLICT (officer_id, changed_at) DO NOTHING

-- name: delete_recovery_codes
DELETE FROM access.recovery_code WHERE officer_id = %(officer_id)s

-- name: insert_recovery_code
INSERT INTO access.recovery_code (officer_id, code_hash) VALUES (%(officer_id)s, %(code_hash)s)

-- name: use_recovery_code
UPDATE access.recovery_code SET used_at = %(now)s
 WHERE officer_id = %(officer_id)s AND code_hash = %(code_hash)s AND used_at IS NULL

-- name: ask
INSERT INTO access.asked (officer_id, action, asked_by, asked_at)
VALUES (%(officer_id)s, %(action)s, %(asked_by)s, %(now)s)
ON CONFLICT (officer_id, action) DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at

-- name: take_asked
DELETE FROM access.asked
 WHERE officer_id = %(officer_id)s AND action = %(action)s AND asked_by <> %(by)s AND asked_at >= %(since)s

-- name: insert_assignment
INSERT INTO access.assignment (officer_id, assignment_id, office_id, deputy_of, valid_from, valid_to, role)
VALUES (%(officer_id)s, %(assignment_id)s, %(office_id)s, %(deputy_of)s, %(valid_from)s, %(valid_to)s, %(role)s)

-- name: drop_assignments
DELETE FROM access.assignment WHERE officer_id = %(officer_id)s AND deputy_of IS NULL AND valid_from >= %(day)s

-- name: end_assignments
UPDATE access.assignment
   SET valid_to = %(day)s
 WHERE officer_id = %(officer_id)s AND deputy_of IS NULL AND valid_from < %(day)s
   AND (valid_to IS NULL OR valid_to > %(day)s)

-- name: assignments_on
SELECT a.role, a.deputy_of, o.office_id, o.authority, o.unit_code, o.name
  FROM access.assignment a
  JOIN access.office o ON o.office_id = a.office_id
 WHERE a.officer_id = %(officer_id)s AND a.valid_from <= %(day)s AND (a.valid_to IS NULL OR %(day)s < a.valid_to)
   AND o.valid_from <= %(day)s AND (o.valid_to IS NULL OR %(day)s < o.valid_to)
 ORDER BY a.deputy_of NULLS FIRST, a.valid_from DESC

-- name: offices_of
SELECT o.office_id, o.authority, o.unit_code, o.name
  FROM access.office o
 WHERE o.authority = ANY (%(authorities)s) AND o.valid_from <= %(day)s AND (o.valid_to IS NULL OR %(day)s < o.valid_to)

-- name: insert_session
INSERT INTO access.session (token_hash, officer_id, opened_at, seen_at)
VALUES (%(token_hash)s, %(officer_id)s, %(now)s, %(now)s)

-- name: session
SELECT s.opened_at, s.seen_at, o.officer_id, o.name, o.full_name, o.class AS account_class, o.disabled_at, o.must_change,
       o.password_changed_at
  FROM access.session s
  JOIN access.officer o ON o.officer_id = s.officer_id
 WHERE s.token_hash = %(token_hash)s AND s.ended_at IS NULL

-- name: touch_session
UPDATE access.session SET seen_at = %(now)s WHERE token_hash = %(token_hash)s

-- name: forget_sessions
DELETE FROM access.session WHERE opened_at < %(since)s

-- name: end_session
UPDATE access.session SET ended_at = %(now)s WHERE token_hash = %(token_hash)s AND ended_at IS NULL

-- name: end_sessions_of
UPDATE access.session SET ended_at = %(now)s WHERE officer_id = %(officer_id)s AND ended_at IS NULL

-- name: end_other_sessions_of
UPDATE access.session SET ended_at = %(now)s
 WHERE officer_id = %(officer_id)s AND ended_at IS NULL AND token_hash <> %(kept)s

-- name: installation
SELECT i.value FROM access.installation i WHERE i.name = %(name)s

-- name: set_own_record
UPDATE access.officer SET person_id = %(person_id)s WHERE officer_id = %(officer_id)s

-- name: own_records
SELECT o.officer_id, o.person_id
  FROM access.officer o
 WHERE o.officer_id = ANY (%(officer_ids)s::bigint[]) AND o.person_id IS NOT NULL
