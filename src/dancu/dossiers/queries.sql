-- name: insert_dossier
INSERT INTO dossiers.dossier (dossier_id, office_id, officer_id, opened_at, deadline_on, state, matter, number,
                              requester, legal_ground)
VALUES (%(dossier_id)s, %(office_id)s, %(officer_id)s, %(opened_at)s, %(deadline_on)s, 'open', %(matter)s, %(number)s,
        %(requester)s, %(legal_ground)s)

-- name: name_person
INSERT INTO dossiers.named_person (dossier_id, person_id, named_at, part)
VALUES (%(dossier_id)s, %(person_id)s, %(named_at)s, %(part)s)
ON CONFLICT (dossier_id, person_id) DO NOTHING

-- name: dossier
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.state, d.matter, d.number,
       d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.dossier_id = %(dossier_id)s

-- name: hold_open
SELECT d.dossier_id FROM dossiers.dossier d WHERE d.dossier_id = %(dossier_id)s AND d.state = 'open' FOR SHARE

-- name: persons_of
SELECT n.person_id FROM dossiers.named_person n WHERE n.dossier_id = %(dossier_id)s ORDER BY n.named_at

-- name: dossiers_of_office
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.state, d.matter, d.number,
       d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.office_id = ANY (%(office_ids)s)
 ORDER BY d.state DESC, d.deadline_on NULLS LAST, d.opened_at DESC
 LIMIT %(most)s

-- name: close_dossier
UPDATE dossiers.dossier
   SET state = %(state)s, closed_at = %(now)s
 WHERE dossier_id = %(dossier_id)s AND state = 'open'

-- name: find_person
SELECT register.open_by_number(%(number)s, %(name_key)s, %(born)s)

-- name: next_serial
INSERT INTO dossiers.series (office_id, year, last)
VALUES (%(office_id)s, %(year)s, 1)
ON CONFLICT (office_id, year) DO UPDATE SET last = series.last + 1
RETURNING last
