-- name: insert_dossier
INSERT INTO dossiers.dossier (dossier_id, office_id, officer_id, opened_at, deadline_on, opens_until, state, matter,
                              number, requester, legal_ground)
VALUES (%(dossier_id)s, %(office_id)s, %(officer_id)s, %(opened_at)s, %(deadline_on)s, %(opens_until)s, 'received',
        %(matter)s, %(number)s, %(requester)s, %(legal_ground)s)

-- name: claim_request
-- Naming the constraint would ask whether the new row may be read, and its dossier is not written yet.
INSERT INTO dossiers.request (request_id, dossier_id)
VALUES (%(request_id)s, %(dossier_id)s)
ON CONFLICT DO NOTHING

-- name: dossier_of_request
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.request r
  JOIN dossiers.dossier d ON d.dossier_id = r.dossier_id
 WHERE r.request_id = %(request_id)s

-- name: insert_step
INSERT INTO dossiers.step (dossier_id, step_no, taken_at, officer_id, office_id, move, state, deadline_on, reason,
                           legal_ground)
VALUES (%(dossier_id)s, %(step_no)s, %(taken_at)s, %(officer_id)s, %(office_id)s, %(move)s, %(state)s,
        %(deadline_on)s, %(reason)s, %(legal_ground)s)

-- name: steps_of
SELECT s.step_no, s.taken_at, s.officer_id, s.office_id, s.move, s.state, s.deadline_on, s.reason, s.legal_ground
  FROM dossiers.step s
 WHERE s.dossier_id = %(dossier_id)s
 ORDER BY s.step_no

-- name: name_person
INSERT INTO dossiers.named_person (dossier_id, person_id, named_at, part)
VALUES (%(dossier_id)s, %(person_id)s, %(named_at)s, %(part)s)
ON CONFLICT (dossier_id, person_id) DO NOTHING

-- name: dossier
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.dossier_id = %(dossier_id)s

-- name: dossier_numbered
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.number = %(number)s

-- name: hold_open
SELECT d.state FROM dossiers.dossier d WHERE d.dossier_id = %(dossier_id)s FOR SHARE

-- name: hold_to_move
SELECT d.state FROM dossiers.dossier d WHERE d.dossier_id = %(dossier_id)s FOR NO KEY UPDATE

-- name: persons_of
SELECT n.person_id FROM dossiers.named_person n WHERE n.dossier_id = %(dossier_id)s ORDER BY n.named_at

-- name: numbers_of
SELECT n.dossier_id, n.number FROM dossiers.numbers_of(%(dossier_ids)s::bigint[]) n

-- name: count_named
SELECT count(DISTINCT n.person_id) FROM dossiers.named_person n WHERE n.dossier_id = ANY (%(dossier_ids)s)

-- name: open_of_office
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.office_id = ANY (%(office_ids)s) AND d.state NOT IN ('decided', 'closed')
 ORDER BY d.deadline_on NULLS LAST, d.opened_at DESC
 LIMIT %(most)s

-- name: settled_of_office
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.office_id = ANY (%(office_ids)s) AND d.state IN ('decided', 'closed')
 ORDER BY d.opened_at DESC
 LIMIT %(most)s

-- name: overdue
SELECT d.dossier_id, d.office_id, d.officer_id, d.opened_at, d.closed_at, d.deadline_on, d.opens_until, d.version,
       d.days_left, d.state, d.outcome, d.matter, d.number, d.requester, d.legal_ground
  FROM dossiers.dossier d
 WHERE d.office_id = ANY (%(office_ids)s) AND d.state NOT IN ('decided', 'closed') AND d.deadline_on < %(day)s
 ORDER BY d.deadline_on, d.opened_at
 LIMIT %(most)s

-- name: move_dossier
UPDATE dossiers.dossier
   SET office_id = %(office_id)s, officer_id = %(officer_id)s, closed_at = %(closed_at)s,
       deadline_on = %(deadline_on)s, opens_until = %(opens_until)s, version = %(version)s,
       days_left = %(days_left)s, state = %(state)s, outcome = %(outcome)s
 WHERE dossier_id = %(dossier_id)s AND version = %(version)s - 1

-- name: one_guess_at_a_time
SELECT pg_advisory_xact_lock(hashtext('dossiers.guess'), hashtext(%(officer_id)s::bigint::text))

-- name: find_person
SELECT register.open_by_number(%(number)s, %(name_key)s, %(born)s)

-- name: visible_person
SELECT p.person_id FROM register.person p WHERE p.person_id = %(person_id)s

-- name: next_serial
INSERT INTO dossiers.series (office_id, year, last)
VALUES (%(office_id)s, %(year)s, 1)
ON CONFLICT (office_id, year) DO UPDATE SET last = series.last + 1
RETURNING last

-- name: insert_proposal
INSERT INTO dossiers.proposal (dossier_id, proposal_id, office_id, officer_id, request_id, proposed_at, expires_at,
                               state, act, legal_ground, reason, digest, command)
VALUES (%(dossier_id)s, %(proposal_id)s, %(office_id)s, %(officer_id)s, %(request_id)s, %(proposed_at)s,
        %(expires_at)s, 'waiting', %(act)s, %(legal_ground)s, %(reason)s, %(digest)s, %(sealed)s)

-- name: proposal_of_request
SELECT p.dossier_id, p.proposal_id, p.office_id, p.officer_id, p.decided_by, p.act_id, p.proposed_at, p.expires_at,
       p.decided_at, p.state, p.act, p.legal_ground, p.reason, p.answer, p.digest, p.command AS sealed
  FROM dossiers.proposal p
 WHERE p.dossier_id = %(dossier_id)s AND p.request_id = %(request_id)s

-- name: proposal
SELECT p.dossier_id, p.proposal_id, p.office_id, p.officer_id, p.decided_by, p.act_id, p.proposed_at, p.expires_at,
       p.decided_at, p.state, p.act, p.legal_ground, p.reason, p.answer, p.digest, p.command AS sealed
  FROM dossiers.proposal p
 WHERE p.dossier_id = %(dossier_id)s AND p.proposal_id = %(proposal_id)s

-- name: proposal_for_update
SELECT p.state FROM dossiers.proposal p
 WHERE p.dossier_id = %(dossier_id)s AND p.proposal_id = %(proposal_id)s
   FOR UPDATE

-- name: settle_proposal
UPDATE dossiers.proposal
   SET state = %(state)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s, act_id = %(act_id)s,
       answer = %(answer)s
 WHERE dossier_id = %(dossier_id)s AND proposal_id = %(proposal_id)s AND state = 'waiting'

-- name: proposals_of
SELECT p.dossier_id, p.proposal_id, p.office_id, p.officer_id, p.decided_by, p.act_id, p.proposed_at, p.expires_at,
       p.decided_at, p.state, p.act, p.legal_ground, p.reason, p.answer, p.digest, p.command AS sealed
  FROM dossiers.proposal p
 WHERE p.dossier_id = %(dossier_id)s
 ORDER BY p.proposed_at DESC

-- name: waiting_of_dossier
SELECT p.proposal_id FROM dossiers.proposal p
 WHERE p.dossier_id = %(dossier_id)s AND p.state = 'waiting' AND p.expires_at > %(now)s

-- name: waiting
SELECT p.dossier_id, p.proposal_id, p.office_id, p.officer_id, p.decided_by, p.act_id, p.proposed_at, p.expires_at,
       p.decided_at, p.state, p.act, p.legal_ground, p.reason, p.answer, p.digest, p.command AS sealed
  FROM dossiers.proposal p
 WHERE p.office_id = ANY (%(office_ids)s) AND p.state = 'waiting' AND p.expires_at > %(now)s
 ORDER BY p.expires_at
 LIMIT %(most)s

-- name: insert_document
INSERT INTO dossiers.document (dossier_id, document_id, officer_id, attached_at, size, chunks, kind, digest, name)
VALUES (%(dossier_id)s, %(document_id)s, %(officer_id)s, %(attached_at)s, %(size)s, %(chunks)s, %(kind)s, %(digest)s,
        %(sealed_name)s)

-- name: insert_chunk
INSERT INTO dossiers.document_chunk (dossier_id, document_id, chunk_no, content)
VALUES (%(dossier_id)s, %(document_id)s, %(chunk_no)s, %(content)s)

-- name: documents_of
SELECT o.dossier_id, o.document_id, o.officer_id, o.attached_at, o.dropped_at, o.size, o.chunks, o.kind, o.digest,
       o.name AS sealed_name
  FROM dossiers.document o
 WHERE o.dossier_id = %(dossier_id)s
 ORDER BY o.attached_at, o.document_id

-- name: chunks_of
SELECT c.chunk_no, c.content
  FROM dossiers.document_chunk c
 WHERE c.dossier_id = %(dossier_id)s AND c.document_id = %(document_id)s
 ORDER BY c.chunk_no

-- name: drop_documents
SELECT dossiers.drop_documents(%(matters)s, %(closed_before)s, %(now)s)
