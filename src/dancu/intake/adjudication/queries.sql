-- Doubts: opened, laid before clerks, decided.

-- name: unopened
SELECT q.batch_id, q.record, q.reason, q.candidates, q.told
  FROM intake.queued q
 WHERE q.settled_at IS NULL AND q.opened_at IS NULL
 ORDER BY q.batch_id, q.record
 LIMIT %(most)s

-- name: mark_opened
UPDATE intake.queued q
   SET opened_at = %(now)s
  FROM unnest(%(batches)s::bigint[], %(records)s::integer[]) AS w (batch_id, record)
 WHERE q.batch_id = w.batch_id AND q.record = w.record

-- name: insert_doubt
-- A doubt about somebody who is masked is the Center's, and of no province.
INSERT INTO intake.doubt (doubt_id, batch_id, record, part, kind, reason, opened_at, due_on, raised, province_code,
                          persons, scores, rest_of)
SELECT %(doubt_id)s, %(batch_id)s, %(record)s, %(part)s, %(kind)s, %(reason)s, %(opened_at)s, %(due_on)s, m.masked,
       CASE WHEN NOT m.masked THEN %(province_code)s::text END, %(persons)s::bigint[], %(scores)s::real[], %(rest_of)s
  FROM (SELECT EXISTS (SELECT FROM register.person p
                        WHERE p.person_id = ANY (%(persons)s::bigint[]) AND p.protected) AS masked) m
ON CONFLICT DO NOTHING

-- name: asked_before
-- Which pairs were laid before a clerk already, whatever was said.
SELECT w.place
  FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) WITH ORDINALITY AS w (one, other, place)
 WHERE EXISTS (SELECT FROM intake.doubt d WHERE d.kind = 2 AND d.persons @> ARRAY[w.one, w.other])

-- name: standing_persons
SELECT p.person_id, p.province_code, p.known_at, p.personal_number IS NOT NULL
  FROM register.person p
 WHERE p.person_id = ANY (%(persons)s) AND p.status NOT IN (5, 6)

-- name: groups_settled
-- Groups of which an answer left more than one open, and no doubt was opened about those yet.
SELECT d.doubt_id, d.answer, d.chosen, d.province_code, d.persons, d.scores
  FROM intake.doubt d
 WHERE d.kind = 2 AND d.state = 'settled' AND cardinality(d.persons) > 2
   AND NOT EXISTS (SELECT FROM intake.doubt r WHERE r.rest_of = d.doubt_id)
 LIMIT %(most)s

-- name: doubt
SELECT d.doubt_id, d.batch_id, d.record, d.part, d.kind, d.reason, d.opened_at, d.due_on, d.state, d.raised,
       d.province_code, d.persons, d.scores, d.held_by, d.held_until, d.answer, d.chosen, d.decided_by, d.decided_at,
       d.dossier_id, d.proposal_id, d.known_answer, d.checked, d.trouble
  FROM intake.doubt d
 WHERE d.doubt_id = %(doubt_id)s

-- name: doubt_for_update
SELECT d.doubt_id FROM intake.doubt d WHERE d.doubt_id = %(doubt_id)s FOR NO KEY UPDATE

-- name: doubt_of_proposal
SELECT d.doubt_id FROM intake.doubt d WHERE d.proposal_id = %(proposal_id)s AND d.dossier_id = %(dossier_id)s

-- name: waiting
SELECT d.doubt_id, d.batch_id, d.record, d.part, d.kind, d.reason, d.opened_at, d.due_on, d.state, d.raised,
       d.province_code, d.persons, d.scores, d.held_by, d.held_until, d.answer, d.chosen, d.decided_by, d.decided_at,
       d.dossier_id, d.proposal_id, d.known_answer, d.checked, d.trouble
  FROM intake.doubt d
 WHERE d.state = ANY (%(states)s) AND (%(batch_id)s::bigint IS NULL OR d.batch_id = %(batch_id)s)
   AND (%(province)s::text IS NULL OR d.province_code = %(province)s)
 ORDER BY d.due_on, d.doubt_id
 LIMIT %(most)s

-- name: shown
SELECT d.shown FROM intake.doubt d WHERE d.doubt_id = %(doubt_id)s

-- name: source_of
SELECT b.source, b.received_at FROM intake.batch b WHERE b.batch_id = %(batch_id)s

-- name: findings_of
SELECT f.rule, f.field FROM intake.finding f WHERE f.batch_id = %(batch_id)s AND f.record = %(record)s ORDER BY f.rule

-- name: others_of_doubt
SELECT o.person_id, o.born, o.sex, o.name_key, o.personal_number, o.unit_code FROM intake.others_of_doubt(%(doubt_id)s) o

-- name: verdicts_of
SELECT v.verdict_id, v.officer_id, v.chosen, v.given_at, v.seconds, v.role, v.answer, v.agrees, v.note
  FROM intake.verdict v
 WHERE v.doubt_id = %(doubt_id)s
 ORDER BY v.given_at, v.verdict_id

-- name: on_desk
SELECT o.doubt_id, o.since, o.role FROM intake.on_desk o WHERE o.officer_id = %(officer_id)s

-- name: put_on_desk
INSERT INTO intake.on_desk (officer_id, doubt_id, since, role)
VALUES (%(officer_id)s, %(doubt_id)s, %(now)s, %(role)s)
    ON CONFLICT (officer_id) DO UPDATE SET doubt_id = excluded.doubt_id, since = excluded.since, role = excluded.role

-- name: clear_desk
DELETE FROM intake.on_desk WHERE officer_id = %(officer_id)s

-- name: judged
SELECT EXISTS (SELECT FROM intake.verdict v WHERE v.doubt_id = %(doubt_id)s AND v.officer_id = %(officer_id)s)

-- name: take_waiting
-- What was skipped comes last; what lies before another clerk does not come.
UPDATE intake.doubt
   SET held_by = %(officer_id)s, held_until = %(until)s
 WHERE doubt_id = (
        SELECT w.doubt_id
          FROM intake.doubt w
         WHERE w.state = 'waiting' AND (NOT w.raised OR %(center)s)
           AND (w.held_until IS NULL OR w.held_until <= %(now)s OR w.held_by = %(officer_id)s)
         ORDER BY EXISTS (SELECT FROM intake.skipped s
                           WHERE s.officer_id = %(officer_id)s AND s.doubt_id = w.doubt_id),
                  w.due_on, w.doubt_id
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
RETURNING doubt_id

-- name: hold
UPDATE intake.doubt
   SET held_by = %(officer_id)s, held_until = %(until)s
 WHERE doubt_id = %(doubt_id)s AND state = 'waiting'
   AND (held_until IS NULL OR held_until <= %(now)s OR held_by = %(officer_id)s)

-- name: let_go
UPDATE intake.doubt SET held_by = NULL, held_until = NULL WHERE doubt_id = %(doubt_id)s AND held_by = %(officer_id)s

-- name: next_to_check
SELECT d.doubt_id
  FROM intake.doubt d
 WHERE d.checked = 'wanted' AND d.decided_by <> %(officer_id)s
   AND NOT EXISTS (SELECT FROM intake.verdict v WHERE v.doubt_id = d.doubt_id AND v.officer_id = %(officer_id)s)
 ORDER BY d.decided_at, d.doubt_id
 LIMIT 1

-- name: next_known
SELECT d.doubt_id
  FROM intake.doubt d
 WHERE d.known_answer AND d.decided_by <> %(officer_id)s
   AND NOT EXISTS (SELECT FROM intake.verdict v WHERE v.doubt_id = d.doubt_id AND v.officer_id = %(officer_id)s)
 ORDER BY d.decided_at, d.doubt_id
 LIMIT 1

-- name: skip
INSERT INTO intake.skipped (officer_id, doubt_id, skipped_at)
VALUES (%(officer_id)s, %(doubt_id)s, %(now)s)
    ON CONFLICT (officer_id, doubt_id) DO NOTHING

-- name: skipped_by
SELECT d.doubt_id, d.batch_id, d.record, d.part, d.kind, d.reason, d.opened_at, d.due_on, d.state, d.raised,
       d.province_code, d.persons, d.scores, d.held_by, d.held_until, d.answer, d.chosen, d.decided_by, d.decided_at,
       d.dossier_id, d.proposal_id, d.known_answer, d.checked, d.trouble
  FROM intake.skipped s
  JOIN intake.doubt d ON d.doubt_id = s.doubt_id
 WHERE s.officer_id = %(officer_id)s AND d.state = 'waiting'
 ORDER BY s.skipped_at
 LIMIT 100

-- name: differing
SELECT d.doubt_id, d.batch_id, d.record, d.part, d.kind, d.reason, d.opened_at, d.due_on, d.state, d.raised,
       d.province_code, d.persons, d.scores, d.held_by, d.held_until, d.answer, d.chosen, d.decided_by, d.decided_at,
       d.dossier_id, d.proposal_id, d.known_answer, d.checked, d.trouble
  FROM intake.doubt d
 WHERE d.checked = 'differs'
 ORDER BY d.decided_at DESC
 LIMIT 50

-- name: unskip
DELETE FROM intake.skipped WHERE doubt_id = %(doubt_id)s AND officer_id = %(officer_id)s

-- name: insert_verdict
INSERT INTO intake.verdict (verdict_id, doubt_id, officer_id, chosen, given_at, seconds, role, answer, agrees, note)
VALUES (%(verdict_id)s, %(doubt_id)s, %(officer_id)s, %(chosen)s, %(now)s, %(seconds)s, %(role)s, %(answer)s,
        %(agrees)s, %(note)s)

-- name: answer
UPDATE intake.doubt
   SET state = %(state)s, answer = %(answer)s, chosen = %(chosen)s, decided_by = %(officer_id)s, decided_at = %(now)s,
       dossier_id = %(dossier_id)s, proposal_id = %(proposal_id)s, checked = %(checked)s, shown = %(shown)s,
       settled_at = %(settled_at)s, held_by = NULL, held_until = NULL
 WHERE doubt_id = %(doubt_id)s AND state = 'waiting'

-- name: raise_doubt
UPDATE intake.doubt
   SET raised = true, due_on = %(due_on)s, held_by = NULL, held_until = NULL
 WHERE doubt_id = %(doubt_id)s AND state = 'waiting'

-- name: park
UPDATE intake.doubt
   SET state = 'parked', raised = true, held_by = NULL, held_until = NULL
 WHERE doubt_id = %(doubt_id)s AND state = 'waiting'

-- name: lay_open_again
UPDATE intake.doubt
   SET state = 'waiting', answer = NULL, chosen = NULL, decided_by = NULL, decided_at = NULL, settled_at = NULL,
       proposal_id = NULL, checked = 'no', shown = NULL, due_on = %(due_on)s, held_by = NULL, held_until = NULL
 WHERE doubt_id = %(doubt_id)s AND state = %(since)s

-- name: approve
UPDATE intake.doubt SET state = %(state)s, settled_at = %(settled_at)s WHERE doubt_id = %(doubt_id)s AND state = 'proposed'

-- name: note_check
UPDATE intake.doubt
   SET checked = %(checked)s, known_answer = known_answer OR %(checked)s = 'agreed'
 WHERE doubt_id = %(doubt_id)s AND checked = 'wanted'

-- name: make_known
UPDATE intake.doubt SET known_answer = true WHERE doubt_id = %(doubt_id)s AND state = 'settled' AND shown IS NOT NULL

-- name: to_carry_out
SELECT DISTINCT d.batch_id, d.record
  FROM intake.doubt d
 WHERE d.state = 'decided' AND d.batch_id IS NOT NULL
 LIMIT %(most)s

-- name: parts_of_record
SELECT d.doubt_id, d.part, d.state, d.answer, d.chosen, d.dossier_id, d.decided_by, p.decided_by, d.persons
  FROM intake.doubt d
  LEFT JOIN dossiers.proposal p ON p.dossier_id = d.dossier_id AND p.proposal_id = d.proposal_id
 WHERE d.batch_id = %(batch_id)s AND d.record = %(record)s AND d.state <> 'dropped'
 ORDER BY d.part

-- name: give_back
-- What was decided can't be: the Center looks at it, and at why.
UPDATE intake.doubt
   SET state = 'parked', raised = true, answer = NULL, chosen = NULL, decided_by = NULL, decided_at = NULL,
       proposal_id = NULL, checked = 'no', trouble = %(trouble)s
 WHERE batch_id = %(batch_id)s AND record = %(record)s AND state = 'decided'

-- name: ask_again
-- Decided before somebody was registered whom it may be, too: a clerk sees both.
UPDATE intake.doubt
   SET state = 'waiting', answer = NULL, chosen = NULL, decided_by = NULL, decided_at = NULL, proposal_id = NULL,
       checked = 'no', shown = NULL, trouble = %(trouble)s, due_on = %(due_on)s,
       persons = %(persons)s, scores = %(scores)s
 WHERE doubt_id = %(doubt_id)s AND state = 'decided'

-- name: drop_settled
UPDATE intake.doubt d
   SET state = 'dropped', held_by = NULL, held_until = NULL
 WHERE d.state IN ('waiting', 'parked') AND d.batch_id IS NOT NULL
   AND EXISTS (SELECT FROM intake.queued q
                WHERE q.batch_id = d.batch_id AND q.record = d.record AND q.settled_at IS NOT NULL)

-- name: carried_out
UPDATE intake.doubt
   SET state = CASE WHEN answer IS NULL THEN 'dropped' ELSE 'settled' END, settled_at = %(now)s
 WHERE doubt_id = ANY (%(doubt_ids)s)

-- name: backlog
-- By province: how many wait, how old they are in days, how many are late.
SELECT d.province_code, d.raised, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM %(now)s::timestamptz - d.opened_at) / 86400)::float8,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM %(now)s::timestamptz - d.opened_at) / 86400)::float8,
       count(*) FILTER (WHERE d.due_on < %(day)s)
  FROM intake.doubt d
 WHERE d.state = 'waiting'
 GROUP BY d.province_code, d.raised
 ORDER BY count(*) DESC
 LIMIT 100

-- name: states
SELECT d.state, d.checked, count(*) FROM intake.doubt d GROUP BY d.state, d.checked

-- name: verdicts_since
SELECT v.officer_id, v.role, v.answer, v.agrees, v.seconds, d.answer, d.decided_by, d.scores[1]
  FROM intake.verdict v
  JOIN intake.doubt d ON d.doubt_id = v.doubt_id
 WHERE v.given_at >= %(since)s
 ORDER BY v.given_at DESC
 LIMIT 50000

-- name: skips_since
SELECT s.officer_id, count(*) FROM intake.skipped s WHERE s.skipped_at >= %(since)s GROUP BY s.officer_id

-- name: proposals_settled
-- Decisions whose proposal was decided, withdrawn or left to expire.
SELECT d.doubt_id, d.kind, p.state
  FROM intake.doubt d
  JOIN dossiers.proposal p ON p.dossier_id = d.dossier_id AND p.proposal_id = d.proposal_id
 WHERE d.state = 'proposed' AND (p.state <> 'waiting' OR p.expires_at <= %(now)s)
 LIMIT %(most)s
