-- What a clerk must decide when a merge was undone.

-- name: open_questions
SELECT q.person_id, q.seq, q.other_id, q.act_id, q.reason, e.kind, e.valid_on
  FROM register.question q
  JOIN register.event e ON e.person_id = q.person_id AND e.seq = q.seq
 WHERE q.settled_at IS NULL
   AND (%(of_person)s::bigint IS NULL OR q.person_id = %(of_person)s OR q.other_id = %(of_person)s)
 ORDER BY q.act_id, q.person_id, q.seq
 LIMIT %(most)s

-- name: open_question
SELECT q.person_id, q.seq, q.other_id, q.act_id, q.reason, e.kind, e.valid_on
  FROM register.question q
  JOIN register.event e ON e.person_id = q.person_id AND e.seq = q.seq
 WHERE q.settled_at IS NULL AND q.person_id = %(person_id)s AND q.seq = %(seq)s AND q.act_id = %(act_id)s

-- name: settle
UPDATE register.question
   SET settled_at = %(now)s, settled_by = %(officer_id)s, answer = %(answer)s,
       because = %(because)s, dossier_id = %(dossier_id)s
 WHERE person_id = %(person_id)s AND seq = %(seq)s AND act_id = %(act_id)s AND settled_at IS NULL
