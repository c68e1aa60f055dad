-- name: insert_office
INSERT INTO access.office (office_id, authority, unit_code, name, valid_from)
VALUES (%(office_id)s, %(authority)s, %(unit_code)s, %(name)s, %(valid_from)s)

-- name: office_of
SELECT o.office_id, o.authority, o.unit_code, o.name
  FROM access.office o
 WHERE o.unit_code = %(unit_code)s AND o.authority = %(authority)s AND o.valid_to IS NULL

-- name: any_officer
SELECT EXISTS (SELECT FROM access.officer)

-- name: insert_officer
INSERT INTO access.officer (officer_id, created_at, password_changed_at, class, must_change, name, full_name,
                            password_hash, totp_secret)
VALUES (%(officer_id)s, %(now)s, %(now)s, %(class)s, %(must_change)s, %(name)s, %(full_name)s, %(password_hash)s,
        %(totp_secret)s)

-- name: account
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.password_hash, o.password_changed_at, o.totp_secret,
       o.totp_step, o.failures, o.locked_until, o.disabled_at, o.seen_at, o.created_at, o.must_change
  FROM access.officer o
 WHERE o.name = %(name)s

-- name: account_for_update
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.password_hash, o.password_changed_at, o.totp_secret,
       o.totp_step, o.failures, o.locked_until, o.disabled_at, o.seen_at, o.created_at, o.must_change
  FROM access.officer o
 WHERE o.name = %(name)s
   FOR UPDATE

-- name: officers
SELECT o.officer_id, o.name, o.full_name, o.class AS account_class, o.seen_at, o.disabled_at, o.locked_until
  FROM access.officer o
 ORDER BY o.name

-- name: names_of_officers
SELECT o.officer_id, o.full_name FROM access.officer o WHERE o.officer_id = ANY (%(officer_ids)s)

-- name: note_failure
UPDATE access.officer SET failures = %(failures)s, locked_until = %(locked_until)s WHERE officer_id = %(officer_id)s

-- name: note_success
UPDATE access.officer
   SET failures = 0, locked_until = NULL, totp_step = %(totp_step)s, seen_at = %(now)s
 WHERE officer_id = %(officer_id)s

-- name: unlock
UPDATE access.officer SET failures = 0, locked_until = NULL WHERE officer_id = %(officer_id)s

-- name: disable
UPDATE access.officer SET disabled_at = %(now)s WHERE officer_id = %(officer_id)s AND disabled_at IS NULL

-- name: enable
UPDATE access.officer SET disabled_at = NULL, seen_at = %(now)s WHERE officer_id = %(officer_id)s

-- name: disable_idle
UPDATE access.officer
   SET disabled_at = %(now)s
 WHERE disabled_at IS NULL AND coalesce(seen_at, created_at) < %(since)s

-- name: set_password
UPDATE access.officer
   SET password_hash = %(password_hash)s, password_changed_at = %(now)s, must_change = %(must_change)s
 WHERE officer_id = %(officer_id)s

-- name: set_totp
UPDATE access.officer SET totp_secret = %(totp_secret)s, totp_step = 0 WHERE officer_id = %(officer_id)s

-- name: former_passwords
SELECT f.password_hash FROM access.former_password f
 WHERE f.officer_id = %(officer_id)s ORDER BY f.changed_at DESC LIMIT 10

-- name: insert_former_password
INSERT INTO access.former_password (officer_id, changed_at, password_hash)
VALUES (%(officer_id)s, %(now)s, %(password_hash)s)

-- name: delete_recovery_codes
DELETE FROM access.recovery_code WHERE officer_id = %(officer_id)s

-- name: insert_recovery_code
INSERT INTO access.recovery_code (officer_id, code_hash) VALUES (%(officer_id)s, %(code_hash)s)

-- name: use_recovery_code
UPDATE access.recovery_code SET used_at = %(now)s
 WHERE officer_id = %(officer_id)s AND code_hash = %(code_hash)s AND used_at IS NULL

-- name: insert_assignment
INSERT INTO access.assignment (officer_id, assignment_id, office_id, deputy_of, valid_from, valid_to, role)
VALUES (%(officer_id)s, %(assignment_id)s, %(office_id)s, %(deputy_of)s, %(valid_from)s, %(valid_to)s, %(role)s)

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

-- name: insert_session
INSERT INTO access.session (token_hash, officer_id, opened_at, seen_at)
VALUES (%(token_hash)s, %(officer_id)s, %(now)s, %(now)s)

-- name: session
SELECT s.opened_at, s.seen_at, o.officer_id, o.name, o.full_name, o.class AS account_class, o.disabled_at, o.must_change
  FROM access.session s
  JOIN access.officer o ON o.officer_id = s.officer_id
 WHERE s.token_hash = %(token_hash)s AND s.ended_at IS NULL

-- name: touch_session
UPDATE access.session SET seen_at = %(now)s WHERE token_hash = %(token_hash)s

-- name: end_session
UPDATE access.session SET ended_at = %(now)s WHERE token_hash = %(token_hash)s AND ended_at IS NULL

-- name: end_sessions_of
UPDATE access.session SET ended_at = %(now)s WHERE officer_id = %(officer_id)s AND ended_at IS NULL

-- name: installation
SELECT i.value FROM access.installation i WHERE i.name = %(name)s
