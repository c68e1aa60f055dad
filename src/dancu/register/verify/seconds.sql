-- Acts that take four eyes, with what was proposed and who approved it.

-- name: acts_and_proposals
-- A row for each event of each act; whether an act of some kinds takes four eyes, its events tell.
SELECT a.act_id, a.kind, a.officer_id, a.approver_id, a.dossier_id AS of_dossier, a.request_id, a.known_at,
       a.office, a.legal_ground AS of_ground, a.evidence, u.person_id, e.seq, e.payload::text AS payload,
       p.dossier_id, p.proposal_id, p.office_id, p.officer_id AS proposed_by, p.request_id AS of_request, p.decided_by,
       p.proposed_at, p.expires_at, p.decided_at, p.state, p.act, p.legal_ground, p.reason, p.answer, p.digest,
       p.command AS sealed
  FROM register.act a
 CROSS JOIN LATERAL unnest(a.persons) AS u (person_id)
  LEFT JOIN register.event e ON e.person_id = u.person_id AND e.act_id = a.act_id
  LEFT JOIN dossiers.proposal p ON p.act_id = a.act_id
 WHERE a.officer_id IS NOT NULL AND (a.kind = ANY (%(kinds)s::smallint[]) OR a.approver_id IS NOT NULL)
 ORDER BY a.act_id, p.proposal_id, u.person_id, e.seq

-- name: approved_act_is_there
-- Other parts have proposals of their own, which record no act of the register.
SELECT p.proposal_id
  FROM dossiers.proposal p
  LEFT JOIN register.act a ON a.act_id = p.act_id
 WHERE p.state = 'approved' AND a.act_id IS NULL AND (p.act_id IS NOT NULL OR p.act = ANY (%(acts)s::text[]))
